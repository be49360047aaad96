"""What may be done with orders."""
