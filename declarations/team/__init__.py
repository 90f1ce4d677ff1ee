"""The people of an enterprise: who belongs to it, how they come and go, and who fills which part."""
