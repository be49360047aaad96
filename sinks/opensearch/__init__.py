"""Keeps read models in OpenSearch: an index for each collection, read as of its last refresh."""
