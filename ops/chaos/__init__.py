"""Kills everything at random while shops sell, and makes the accounts at the end."""
