"""What may be done with price lists, and asked of prices."""
