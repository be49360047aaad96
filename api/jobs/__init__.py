"""What is done again and again: `rustok upkeep` runs these."""
