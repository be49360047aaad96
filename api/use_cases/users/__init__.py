"""What may be done with users, and what they do to sign in."""
