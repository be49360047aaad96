"""How do many come in at once? Looked up together, decided one by one, saved together, by external id."""
