"""What may be done with collections."""
