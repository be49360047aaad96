"""Reads what such a client asks. Pure: of texts and JSON to conditions of ours, or a refusal."""
