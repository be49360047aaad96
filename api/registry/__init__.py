"""The schema registry: which schema has which id, in Postgres, read the way Confluent's is."""
