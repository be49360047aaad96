"""Daily figures in PostgreSQL, for tools that know how to ask a database and nothing else."""
