"""What may be done with tenants, the shops."""
