"""How did the tables come about? Alembic revisions in plain SQL, and how they are run."""
