"""Many commands in one call, each with its own outcome."""
