"""The one way to each server: how its clients are built, with their TLS and credentials, and nowhere else."""
