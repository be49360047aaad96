"""Reads texts as words, the same way in documents and in queries: OpenSearch gets both as they are read here."""
