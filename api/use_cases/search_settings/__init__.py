"""What may be said of the search of a shop."""
