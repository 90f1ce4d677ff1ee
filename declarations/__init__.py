"""What the enterprise files: campaigns, the form as data, declarations, their revisions."""
