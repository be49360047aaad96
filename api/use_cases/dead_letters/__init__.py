"""What may be done with dead letters."""
