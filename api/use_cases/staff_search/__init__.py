"""How staff find orders and customers by the words they know."""
