"""What can go wrong with the store, and what a violated constraint means to the caller."""

from typing import Final

import psycopg
from psycopg import errors as sqlstate

from api.domain.errors import Conflict, Invalid, Refused, Taken


class StoreDown(Exception):
    """Postgres does not answer, or cannot do more just now: the same request may succeed in `retry_after_s`."""

    def __init__(self, retry_after_s: int = 2) -> None:
        super().__init__("the write model's database is not available")
        self.retry_after_s = retry_after_s


class SchemasNotPinned(StoreDown):
    """This code knows events the database has no ids for: `rustok api migrate` has not been run for it."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(retry_after_s=10)
        self.missing = missing

    def __str__(self) -> str:
        more = f" and {len(self.missing) - 3} more" if len(self.missing) > 3 else ""
        return f"no pinned schema id for {', '.join(self.missing[:3])}{more}: run `rustok api migrate`"


class Collided(Exception):
    """Two transactions wanted the same at once; the whole decision must be made again."""


#: What two may make at once, each believing to be the first: the second one finds it.
_MADE_TWICE: Final = frozenset(
    {"stock_counted_once", "one_default_location", "one_payment_under_way", "prices_told_once"}
)
#: What one referred to while another one deleted it: whoever comes second sees what the first one did.
_DELETED_MEANWHILE: Final = frozenset({"page_below_one_at_the_top", "product_in_collections"})
#: Constraint → the field it is about, for names that clients choose.
_UNIQUE: Final = {
    "tenants_slug_key": "slug",
    "tenant_domains_pkey": "domains",
    "categories_tenant_id_external_id_key": "external_id",
    "products_tenant_id_external_id_key": "external_id",
    "collections_tenant_id_external_id_key": "external_id",
    "orders_tenant_id_external_id_key": "external_id",
    "users_tenant_id_email_key": "email",
    "roles_tenant_id_name_key": "name",
    "locations_tenant_id_name_key": "name",
    "discount_code_taken": "code",
    "price_lists_tenant_id_name_key": "name",
    "slug_taken": "translations.slug",
    "handle_taken": "translations.handle",
    "collection_handle_taken": "translations.handle",
    "page_handle_taken": "translations.handle",
    "sku_taken": "variants.sku",
}


def meaning(error: psycopg.Error) -> Refused | StoreDown | Collided | None:
    """What to tell the caller; None for what is a fault of this program. Never any SQL text."""
    match error:
        case sqlstate.UniqueViolation():
            name = error.diag.constraint_name or ""
            if name in _MADE_TWICE:
                return Collided()
            return Taken(_UNIQUE[name], "The value") if name in _UNIQUE else None
        case sqlstate.ForeignKeyViolation():
            if error.diag.constraint_name in _DELETED_MEANWHILE:
                return Collided()
            return Conflict("It refers to something that is not there any more.")
        case sqlstate.CheckViolation():
            return Invalid(f"It breaks the rule {error.diag.constraint_name or 'of the database'}.")
        case psycopg.DataError():
            return Invalid("A value is not one that the database can hold.")
        case sqlstate.DeadlockDetected() | sqlstate.SerializationFailure():
            return Collided()
        case sqlstate.QueryCanceled() | psycopg.OperationalError() | psycopg.InterfaceError():
            return StoreDown()
        case _:
            return None
