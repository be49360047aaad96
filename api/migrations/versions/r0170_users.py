"""People: who signs in, where they are signed in, what was sent to them, and the roles a shop makes for them.

The platform's own people belong to no tenant: their rows have the id of nobody, and only the platform sees them.
"""

from alembic import op

revision = "0170"
down_revision = "0161"

TABLES = ("users", "sessions", "refresh_tokens", "user_links", "roles", "role_grants", "user_roles")
OWN = "tenant_id = (SELECT current_owner())"

STATEMENTS = (
    """
    CREATE FUNCTION current_owner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(current_tenant(), CASE WHEN is_platform() THEN '00000000-0000-0000-0000-000000000000'::uuid END)
    """,
    """
    CREATE TABLE users (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        email text NOT NULL CHECK (email = lower(email) AND email ~ '^[^@]+@[^@]+$'),
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('super_admin', 'operator', 'admin', 'manager', 'staff', 'customer')),
        status text NOT NULL CHECK (status IN ('active', 'inactive', 'banned')),
        verified boolean NOT NULL,
        password_hash text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT users_tenant_id_email_key UNIQUE (tenant_id, email),
        CONSTRAINT role_of_the_platform CHECK (
            (role IN ('super_admin', 'operator')) = (tenant_id = '00000000-0000-0000-0000-000000000000')
        )
    )
    """,
    """
    CREATE TABLE sessions (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        client text NOT NULL,
        opened_at timestamptz NOT NULL,
        used_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        revoked_at timestamptz,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON sessions (tenant_id, user_id)",
    # Of a token only its hash is kept.
    """
    CREATE TABLE refresh_tokens (
        tenant_id uuid NOT NULL,
        hash bytea NOT NULL CHECK (length(hash) = 32),
        session_id uuid NOT NULL,
        used_at timestamptz,
        PRIMARY KEY (tenant_id, hash),
        FOREIGN KEY (tenant_id, session_id) REFERENCES sessions ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON refresh_tokens (tenant_id, session_id)",
    """
    CREATE TABLE user_links (
        tenant_id uuid NOT NULL,
        hash bytea NOT NULL CHECK (length(hash) = 32),
        user_id uuid NOT NULL,
        purpose text NOT NULL CHECK (purpose IN ('invitation', 'password', 'verification')),
        ends_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, hash),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ON user_links (tenant_id, user_id)",
    """
    CREATE TABLE roles (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        name text NOT NULL CHECK (name <> ''),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT roles_tenant_id_name_key UNIQUE (tenant_id, name)
    )
    """,
    """
    CREATE TABLE role_grants (
        tenant_id uuid NOT NULL,
        role_id uuid NOT NULL,
        position integer NOT NULL,
        resource text NOT NULL,
        actions text[] NOT NULL CHECK (cardinality(actions) > 0),
        scope text NOT NULL CHECK (scope IN ('all', 'own', 'none')),
        PRIMARY KEY (tenant_id, role_id, position),
        FOREIGN KEY (tenant_id, role_id) REFERENCES roles ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE user_roles (
        tenant_id uuid NOT NULL,
        user_id uuid NOT NULL,
        role_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, user_id, role_id),
        FOREIGN KEY (tenant_id, user_id) REFERENCES users ON DELETE CASCADE,
        FOREIGN KEY (tenant_id, role_id) REFERENCES roles
    )
    """,
    "CREATE INDEX ON user_roles (tenant_id, role_id)",
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE POLICY own ON {table} USING ({OWN})" for table in TABLES),
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO rustok_app",
    """
    CREATE POLICY users ON outbox FOR INSERT WITH CHECK (
        (SELECT is_platform()) AND aggregatetype = 'user' AND tenant_id = '00000000-0000-0000-0000-000000000000'
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
