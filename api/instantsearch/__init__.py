"""A shop's search as Algolia's clients and InstantSearch's widgets ask for it, so that they work here unchanged."""
