"""Dead letters belong to one version of a read model: `feed` is its id. All there are were of first versions.

Their own ids stay: those of a first version are made of its name (`schemas.events.dead_letter`). A group's name is made
of the feed too, as `streams.dead_letters.causes` does.
"""

from alembic import op

revision = "0100"
down_revision = "0061"

UNVERSIONED = "feed !~ '-v[0-9]+$'"
PARTS = " || '\\x00'::bytea || ".join(
    f"convert_to({part}, 'UTF8')" for part in ("feed || '-v1'", "event_type", "error", "pattern")
)

STATEMENTS = (
    # Row-level security holds for the owner of the table too.
    "SELECT set_config('rustok.platform', 'on', true)",
    f"""
    UPDATE letters SET feed = feed || '-v1', cause = left(encode(sha256({PARTS}), 'hex'), 12) WHERE {UNVERSIONED}
    """,  # noqa: S608  # literals
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
