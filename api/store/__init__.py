"""Where is the write model? In Postgres: rows ⇄ values, and a change with its events in one transaction."""
