"""What may be done with orders that nobody has confirmed yet."""
