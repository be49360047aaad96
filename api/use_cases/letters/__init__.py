"""What may be done with letters."""
