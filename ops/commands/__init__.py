"""The verbs `rustok` has of its own: up, down, status, test, dev."""
