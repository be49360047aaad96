"""What may be done with pages and posts."""
