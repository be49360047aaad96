"""What Alembic runs: one connection, all missing revisions in one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine("postgresql+psycopg://", creator=context.config.attributes["connect"], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
