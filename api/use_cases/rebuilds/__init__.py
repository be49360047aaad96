"""Read models made again: what the platform's people ask for and are told."""
