"""Cancelling an order is a permission of its own: who was granted `orders:update` before may go on cancelling.

So may programs by their tokens. What took `orders:update` away takes both away. Conditions go along, since they are the
grant's.
"""

from alembic import op

revision = "0230"
down_revision = "0250"

STATEMENTS = (
    # Grants of all shops: whoever owns the table sees them only while its walls do not hold for the owner.
    "ALTER TABLE role_grants NO FORCE ROW LEVEL SECURITY",
    """
    UPDATE role_grants SET actions = array_append(actions, 'cancel')
    WHERE resource = 'orders' AND 'update' = ANY (actions) AND 'cancel' <> ALL (actions)
    """,
    "ALTER TABLE role_grants FORCE ROW LEVEL SECURITY",
    "ALTER TABLE service_tokens NO FORCE ROW LEVEL SECURITY",
    """
    UPDATE service_tokens SET scopes = jsonb_set(scopes, '{orders:cancel}', scopes -> 'orders:update')
    WHERE scopes -> 'orders:update' IS NOT NULL AND scopes -> 'orders:cancel' IS NULL
    """,
    "ALTER TABLE service_tokens FORCE ROW LEVEL SECURITY",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
