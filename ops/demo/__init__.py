"""Brings a real grocer's year through the whole chain, and asks the source the same questions beside it."""
