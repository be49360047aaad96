"""What may be done with the tokens that a shop gives to programs."""
