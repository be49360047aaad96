"""What may be done with the discount codes of a shop."""
