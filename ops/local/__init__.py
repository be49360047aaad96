"""The real servers on this machine, without Docker."""
