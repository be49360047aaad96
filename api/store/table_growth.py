"""Declares what each table of PostgreSQL grows by, who removes rows of it, and what bounds it.

A test compares it with the migrated database: whoever adds a table says here who prunes it.
"""

from typing import Final

from ops.growth.declared_growth import Growth, Pruner

_API: Final = Pruner("process", "api")
_ERASED: Final = Pruner("job", "erase")


def _table(*names: str, grows_by: str, keeps: str, pruned_by: Pruner | None = _API) -> Growth:
    """Of as many rows as there are things."""
    return Growth(kind="table", names=names, grows_by=grows_by, bound="state", keeps=keeps, pruned_by=pruned_by)


def _for_ever(*names: str, grows_by: str, keeps: str, pruned_by: Pruner | None = _ERASED) -> Growth:
    return Growth(kind="table", names=names, grows_by=grows_by, bound="forever", keeps=keeps, pruned_by=pruned_by)


def _for_a_time(*names: str, grows_by: str, keeps: str, job: str, settings: tuple[str, ...]) -> Growth:
    return Growth(
        kind="table",
        names=names,
        grows_by=grows_by,
        bound="time",
        keeps=keeps,
        pruned_by=Pruner("job", job),
        settings=settings,
    )


_SHOPS: Final = (
    _table(
        "tenants",
        grows_by="a row per shop",
        keeps="the row of an erased shop, too, with nothing but id and slug: nobody else gets its address",
        pruned_by=None,
    ),
    _table("tenant_domains", "domain_claims", grows_by="a row per domain", keeps="those that shops have and claim"),
    _table(
        "categories",
        "category_translations",
        "former_category_slugs",
        "collections",
        "collection_translations",
        "collection_products",
        "old_collection_handles",
        "pages",
        "page_translations",
        "old_page_handles",
        grows_by="a row per thing and language, and one per address that it had before",
        keeps="those that there are",
    ),
    _table(
        "products",
        "product_translations",
        "product_categories",
        "product_tags",
        "variants",
        "prices",
        "old_handles",
        grows_by="rows per product, by its languages, variants and currencies, and one per address that it had before",
        keeps="those that there are, archived ones included",
    ),
    _table(
        "price_lists",
        "price_list_entries",
        "product_prices",
        grows_by="a row per price of a list, and one per product with what was told of its prices",
        keeps="those that there are",
    ),
    _table("locations", "stock", grows_by="a row per counted variant and location", keeps="those that there are"),
    _table("reservations", grows_by="a row per line of an order that reserves stock", keeps="those not sent yet"),
    _table(
        "checkout_settings",
        "tax_rates",
        "shipping_methods",
        "shipping_prices",
        "search_settings",
        "discounts",
        "webhooks",
        grows_by="a row per thing that a shop sets",
        keeps="those that there are",
    ),
    _table(
        "users",
        "user_words",
        "roles",
        "role_grants",
        "user_roles",
        grows_by="rows per user, by roles and words to find them by",
        keeps="those that there are",
    ),
    _for_ever("service_tokens", grows_by="a row per token that was made", keeps="revoked ones, too: who had access"),
)
_ORDERS: Final = (
    _for_ever(
        "orders",
        "order_lines",
        "order_words",
        "order_contacts",
        "order_parcels",
        "order_parcel_lines",
        "order_refunds",
        "order_refund_lines",
        "payments",
        "payment_refunds",
        "discount_uses",
        grows_by="rows per order, by its lines, parcels, refunds, and words to find it by",
        keeps="every order: it is what was sold",
    ),
    _table("order_claims", grows_by="a row per order without an account", keeps="those that nobody has claimed"),
    _for_ever(
        "carts",
        "cart_lines",
        grows_by="rows per cart, by its lines",
        keeps="ordered ones: the order is counted anew by its cart when it is edited. Open ones go, see below",
    ),
    _for_a_time(
        "carts (open)",
        "cart_lines (open)",
        grows_by="rows per cart that nobody orders",
        keeps="those that were changed within that time",
        job="expire-carts",
        settings=("cart_expires_days",),
    ),
)
_WRITTEN_BY_THE_WAY: Final = (
    _for_a_time(
        "outbox",
        grows_by="a row per event, of the size of the event",
        keeps="what is younger or not in Kafka yet; of what was deleted its last event, for ever",
        job="prune",
        settings=("outbox_keep_h",),
    ),
    _for_a_time(
        "idempotency_keys",
        grows_by="a row per command with an `Idempotency-Key`, with its answer",
        keeps="what is younger",
        job="prune",
        settings=("idempotency_keep_h",),
    ),
    _for_a_time(
        "base_price_history",
        "list_price_history",
        "price_list_history",
        grows_by="a row per change of a price or list",
        keeps="what was true within that time and 30 days before",
        job="price-history",
        settings=("price_history_days",),
    ),
    _for_a_time(
        "webhook_events",
        "webhook_deliveries",
        grows_by="a row per event that a webhook asks for, and one per webhook that gets it",
        keeps="what is younger; what waits for webhooks that are on; what is parked, until the code knows it",
        job="webhooks",
        settings=("webhook_keep_h",),
    ),
    _for_a_time(
        "dead_letters",
        "dead_letter_actions",
        grows_by="a row per record that a feed refused, with the record, and one per thing done about it",
        keeps="what is open or being retried; decided ones that failed, or were touched, within that time",
        job="prune-dead-letters",
        settings=("dead_letters_keep_days",),
    ),
    _for_a_time(
        "sessions",
        "refresh_tokens",
        grows_by="a row per sign-in, and one per renewal of its access token",
        keeps="sessions for their own time and this long after it; used tokens of those for 7 days",
        job="prune-sessions",
        settings=("session_days", "session_keep_days"),
    ),
    _for_a_time(
        "user_links",
        grows_by="a row per mail with a link",
        keeps="the newest of each purpose, for its own time and this long after it",
        job="prune-sessions",
        settings=("mail_link_h", "session_keep_days"),
    ),
    _for_ever(
        "audit",
        "audit_chain",
        grows_by="a row in each per act that is [audited](audit.md), and per refusal",
        keeps="all: a chain with a hole proves nothing",
        pruned_by=None,
    ),
    Growth(
        kind="table",
        names=("audit_unchained",),
        grows_by="a row per audited act",
        bound="time",
        keeps="those that wait for their place in the chain",
        pruned_by=Pruner("job", "audit"),
        settings=("audit_chain_every_s",),
    ),
)
_PLATFORM: Final = (
    Growth(
        kind="table",
        names=("rebuild_requests",),
        grows_by="nothing: a row per read model",
        bound="fixed",
        keeps="what was asked for last of each",
    ),
    _for_ever(
        "schemas",
        "schema_versions",
        "schema_references",
        "registry_subjects",
        "registry_settings",
        "registry_changes",
        grows_by="a row per version of an event, and one per change to the registry",
        keeps="all: what is in Kafka is read with them",
    ),
    _for_ever(
        "signing_keys", grows_by="a row per key", keeps="retired ones, without their secret half", pruned_by=None
    ),
    _for_ever(
        "log_gaps",
        "reemissions",
        grows_by="a row per gap that was opened, and one per re-emission",
        keeps="all: they are few, and say what happened",
        pruned_by=None,
    ),
    Growth(
        kind="table",
        names=("log_source", "log_epoch", "dead_letter_offsets", "alembic_version"),
        grows_by="nothing",
        bound="fixed",
        keeps="a row each, or one per partition",
    ),
)


def growth() -> tuple[Growth, ...]:
    return (*_SHOPS, *_ORDERS, *_WRITTEN_BY_THE_WAY, *_PLATFORM)
