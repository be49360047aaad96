"""What may be done with categories."""
