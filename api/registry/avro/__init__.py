"""Parses, writes and compares Avro schemas: pure functions, no I/O."""
