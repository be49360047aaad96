"""What may be done with the keys that sign access tokens."""
