"""What the policy says, and how an enterprise measures against it."""
