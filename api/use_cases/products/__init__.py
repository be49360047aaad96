"""What may be done with products."""
