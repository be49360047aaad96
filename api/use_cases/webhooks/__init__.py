"""What may be done with the webhooks of a shop."""
