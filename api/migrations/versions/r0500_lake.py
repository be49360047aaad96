"""The lake's catalogue: which metadata of which Iceberg table is the current one, and what is said of all tables of a
read model. In a schema of its own, in the form in which other engines know such a catalogue.

Its rows belong to no shop: they say where files lie. The scheduler writes them.
"""

from alembic import op

revision = "0500"
down_revision = "0470"

STATEMENTS = (
    "CREATE SCHEMA IF NOT EXISTS lake",
    """
    CREATE TABLE IF NOT EXISTS lake.iceberg_tables (
        catalog_name varchar(255) NOT NULL,
        table_namespace varchar(255) NOT NULL,
        table_name varchar(255) NOT NULL,
        metadata_location varchar(1000),
        previous_metadata_location varchar(1000),
        iceberg_type varchar(5),
        PRIMARY KEY (catalog_name, table_namespace, table_name)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS lake.iceberg_namespace_properties (
        catalog_name varchar(255) NOT NULL,
        namespace varchar(255) NOT NULL,
        property_key varchar(255) NOT NULL,
        property_value varchar(1000),
        PRIMARY KEY (catalog_name, namespace, property_key)
    )
    """,
    "GRANT USAGE ON SCHEMA lake TO rustok_keeper",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA lake TO rustok_keeper",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
