"""The write model in Postgres: rows ⇄ values, and a change with its events in one transaction."""
