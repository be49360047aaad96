"""What may be done with the roles that a shop makes."""
