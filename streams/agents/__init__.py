"""Brings the records: the part of a feed that talks to Kafka and to Faust."""
