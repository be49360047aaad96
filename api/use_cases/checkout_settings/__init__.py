"""What a shop says about taxes and shipping."""
