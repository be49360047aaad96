"""When a provider refused to send money back is kept, and that the shop sent it by hand, with the reason.

A refund by hand is done as any other: code of the version before takes it for one that the provider sent. The keys of
storefronts let guests see and pay the order whose token they have.
"""

from alembic import op

revision = "0360"
down_revision = "0380"

STATEMENTS = (
    """
    ALTER TABLE payment_refunds ADD COLUMN refused_at timestamptz,
        ADD COLUMN by_hand_reason text CHECK (by_hand_reason <> ''),
        ADD CONSTRAINT by_hand_when_done CHECK (by_hand_reason IS NULL OR state = 'done'),
        DROP CONSTRAINT payment_refunds_check2,
        ADD CONSTRAINT refused_with_a_word CHECK ((state = 'failed' OR by_hand_reason IS NOT NULL) = (error <> ''))
    """,
    "CREATE INDEX payment_refunds_refused ON payment_refunds (tenant_id, payment_id) WHERE state = 'failed'",
    "DROP TRIGGER payment_refund_stays ON payment_refunds",
    """
    CREATE TRIGGER payment_refund_stays BEFORE UPDATE ON payment_refunds FOR EACH ROW
    WHEN ((OLD.payment_id, OLD.amount_minor, OLD.reason, OLD.made_at)
        IS DISTINCT FROM (NEW.payment_id, NEW.amount_minor, NEW.reason, NEW.made_at)
        OR (OLD.state <> 'due' AND NEW.state <> OLD.state
            AND NOT (OLD.state = 'failed' AND NEW.state = 'done' AND NEW.by_hand_reason IS NOT NULL))
        OR OLD.refused_at <> NEW.refused_at OR OLD.by_hand_reason <> NEW.by_hand_reason)
    EXECUTE FUNCTION payment_stays()
    """,
    "ALTER TABLE service_tokens NO FORCE ROW LEVEL SECURITY",
    """
    UPDATE service_tokens SET scopes = scopes || '{"guest_orders:read": "all", "guest_payments:create": "all"}'
    WHERE kind = 'search'
    """,
    "ALTER TABLE service_tokens FORCE ROW LEVEL SECURITY",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
