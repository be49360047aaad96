"""Payments that a provider was asked to take, and what of them goes back.

How somebody pays is kept sealed while the payment is started, to ask the provider again, and no longer. What is started
or due has a time at which it is asked again; the scheduler looks for these before it knows whose they are.
"""

from alembic import op

revision = "0340"
down_revision = "0322"

#: `api.domain.money.MOST_MINOR`, as it was when this was written.
MOST = 10**15
STATEMENTS = (
    f"""
    CREATE TABLE payments (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        order_id uuid NOT NULL,
        provider text NOT NULL CHECK (provider <> ''),
        status text NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND {MOST}),
        currency text NOT NULL CHECK (currency ~ '^[A-Z]{{3}}$'),
        received_minor bigint CHECK (received_minor BETWEEN 1 AND {MOST}),
        decline_reason text CHECK (decline_reason <> ''),
        started_at timestamptz NOT NULL,
        settled_at timestamptz CHECK (settled_at >= started_at),
        refunded_minor bigint NOT NULL,
        sealed_token bytea,
        reference text,
        next_ask_at timestamptz,
        asked integer NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, order_id) REFERENCES orders,
        CONSTRAINT known_status CHECK (status IN ('started', 'succeeded', 'declined', 'returning', 'refunded')),
        CONSTRAINT settled_when_known CHECK ((status = 'started') = (settled_at IS NULL)),
        CONSTRAINT asked_while_started CHECK ((status = 'started') = (next_ask_at IS NOT NULL)),
        CONSTRAINT token_while_started CHECK (sealed_token IS NULL OR status = 'started'),
        CONSTRAINT declined_with_reason CHECK ((status = 'declined') = (decline_reason IS NOT NULL)),
        CONSTRAINT received_what_came CHECK (
            (status IN ('succeeded', 'returning', 'refunded')) = (received_minor IS NOT NULL)
        ),
        CONSTRAINT pays_what_was_asked CHECK (status <> 'succeeded' OR received_minor = amount_minor),
        CONSTRAINT never_more_back CHECK (refunded_minor BETWEEN 0 AND coalesce(received_minor, 0)),
        CONSTRAINT refunded_as_a_whole CHECK (
            (status = 'refunded') = (received_minor IS NOT NULL AND refunded_minor = received_minor)
        )
    )
    """,
    "CREATE UNIQUE INDEX one_payment_under_way ON payments (tenant_id, order_id) WHERE status = 'started'",
    "CREATE INDEX ON payments (tenant_id, order_id, id)",
    "CREATE INDEX ON payments (id)",
    "CREATE INDEX payments_asked ON payments (next_ask_at) WHERE status = 'started'",
    f"""
    CREATE TABLE payment_refunds (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL,
        payment_id uuid NOT NULL,
        amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND {MOST}),
        reason text NOT NULL CHECK (reason IN ('order_cancelled', 'order_refunded', 'not_wanted', 'wrong_amount')),
        state text NOT NULL CHECK (state IN ('due', 'done', 'failed')),
        error text NOT NULL DEFAULT '',
        made_at timestamptz NOT NULL,
        refunded_at timestamptz,
        next_try_at timestamptz,
        tries integer NOT NULL DEFAULT 0,
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, payment_id) REFERENCES payments,
        CHECK ((state = 'done') = (refunded_at IS NOT NULL)),
        CHECK ((state = 'due') = (next_try_at IS NOT NULL)),
        CHECK ((state = 'failed') = (error <> ''))
    )
    """,
    "CREATE INDEX ON payment_refunds (tenant_id, payment_id, id)",
    "CREATE INDEX payment_refunds_due ON payment_refunds (next_try_at) WHERE state = 'due'",
    """
    CREATE FUNCTION payment_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (OLD.status, NEW.status) NOT IN (
            ('started', 'succeeded'), ('started', 'declined'), ('started', 'returning'),
            ('declined', 'succeeded'), ('declined', 'returning'),
            ('succeeded', 'refunded'), ('returning', 'refunded')
        ) THEN
            RAISE EXCEPTION 'a payment that is % does not become %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER payment_moves_on BEFORE UPDATE ON payments FOR EACH ROW
    WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION payment_moves_on()
    """,
    """
    CREATE FUNCTION payment_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'what was asked, what came and what went back of a payment never changes'
            USING ERRCODE = 'check_violation';
    END $$
    """,
    """
    CREATE TRIGGER payment_stays BEFORE UPDATE ON payments FOR EACH ROW
    WHEN ((OLD.order_id, OLD.provider, OLD.amount_minor, OLD.currency, OLD.started_at)
        IS DISTINCT FROM (NEW.order_id, NEW.provider, NEW.amount_minor, NEW.currency, NEW.started_at)
        OR OLD.received_minor <> NEW.received_minor OR OLD.refunded_minor > NEW.refunded_minor)
    EXECUTE FUNCTION payment_stays()
    """,
    """
    CREATE TRIGGER payment_refund_stays BEFORE UPDATE ON payment_refunds FOR EACH ROW
    WHEN ((OLD.payment_id, OLD.amount_minor, OLD.reason, OLD.made_at)
        IS DISTINCT FROM (NEW.payment_id, NEW.amount_minor, NEW.reason, NEW.made_at)
        OR (OLD.state <> 'due' AND NEW.state <> OLD.state))
    EXECUTE FUNCTION payment_stays()
    """,
    """
    CREATE FUNCTION money_back_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF EXISTS (
            SELECT FROM payments p CROSS JOIN LATERAL (
                SELECT coalesce(sum(r.amount_minor) FILTER (WHERE r.state = 'done'), 0) AS done,
                    coalesce(sum(r.amount_minor), 0) AS owed
                FROM payment_refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id
            ) back
            WHERE p.tenant_id = NEW.tenant_id AND p.id = NEW.payment_id
                AND (back.done <> p.refunded_minor OR back.owed > coalesce(p.received_minor, 0))
        ) THEN
            RAISE EXCEPTION 'what goes back of payment % does not add up', NEW.payment_id
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER money_back_fits AFTER INSERT OR UPDATE ON payment_refunds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION money_back_fits()
    """,
    "CREATE POLICY found ON payments FOR SELECT USING ((SELECT is_platform()))",
    "CREATE POLICY found ON payment_refunds FOR SELECT USING ((SELECT is_platform()))",
    "GRANT SELECT, INSERT, UPDATE ON payments, payment_refunds TO rustok_app",
    "GRANT DELETE ON payments, payment_refunds TO rustok_eraser",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("payments", "payment_refunds"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own ON {table} USING (tenant_id = (SELECT current_tenant()))")
