"""What an authority decides and seals."""
