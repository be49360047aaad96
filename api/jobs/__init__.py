"""What is done again and again: `rustok scheduler` runs these."""
