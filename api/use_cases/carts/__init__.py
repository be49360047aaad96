"""What may be done with carts, until one is an order."""
