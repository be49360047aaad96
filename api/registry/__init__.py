"""Which schema has which id? A registry in Postgres, read the way Confluent's is."""
