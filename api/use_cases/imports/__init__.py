"""Many at once: looked up together, decided one by one, saved together, by external id."""
