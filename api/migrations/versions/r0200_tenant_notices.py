"""Says which tenants and hosts have changed, to whoever listens: workers keep what they know of them."""

from alembic import op

revision = "0200"
down_revision = "0220"

STATEMENTS = (
    """
    CREATE FUNCTION say_tenant_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('rustok_tenants', coalesce(NEW.id, OLD.id)::text);
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION say_domain_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('rustok_tenants', coalesce(NEW.domain, OLD.domain));
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER say_tenant_changed AFTER INSERT OR UPDATE OR DELETE ON tenants
    FOR EACH ROW EXECUTE FUNCTION say_tenant_changed()
    """,
    """
    CREATE TRIGGER say_domain_changed AFTER INSERT OR UPDATE OR DELETE ON tenant_domains
    FOR EACH ROW EXECUTE FUNCTION say_domain_changed()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
