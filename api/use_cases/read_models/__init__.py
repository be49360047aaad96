"""What people ask of read models."""
