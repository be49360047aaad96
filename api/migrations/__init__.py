"""How the tables came about: Alembic revisions in plain SQL, and how they are run."""
