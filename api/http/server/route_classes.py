"""Every kind of request has threads of its own, so that one kind that is stuck leaves the others alone: this table."""

from dataclasses import dataclass
from typing import Final

from api.http.server.mounted_applications import (
    INSTANTSEARCH_ROOT,
    STOREFRONT_ASSETS,
    is_registrys,
    is_storefronts,
)

_EIGHTHS: Final = 8
#: A tenant is looked up every few seconds, whatever is asked about it.
_FOR_TENANTS_AND_READINESS: Final = 5


@dataclass(frozen=True, slots=True)
class RouteClass:
    """Requests that share threads: so many eighths of `api_threads` in each process, and at least one.

    When all of them are taken, up to `queue` requests wait for `patience_s` seconds; who comes then gets a 503. A body
    of more than `body_kib` is refused.
    """

    name: str
    eighths: int
    queue: int
    patience_s: float
    asks_postgres: bool = True
    body_kib: int = 64

    @property
    def most_bytes(self) -> int:
        return self.body_kib * 1024

    def threads(self, api_threads: int) -> int:
        return max(1, api_threads * self.eighths // _EIGHTHS)


#: Also metrics and readiness, which wait for no store for long.
HEALTH: Final = RouteClass("health", 2, queue=200, patience_s=2, asks_postgres=False)
COMMANDS: Final = RouteClass("commands", 8, queue=200, patience_s=5, body_kib=2048)
#: Hashing passwords takes cores: who signs in waits for others who do, and nobody else does.
SIGN_IN: Final = RouteClass("sign_in", 4, queue=200, patience_s=5, body_kib=16)
#: Long, and many of them come one after another; exports, too.
IMPORTS: Final = RouteClass("imports", 2, queue=50, patience_s=30, body_kib=8192)
#: What payment providers tell: from few addresses, and as much as there are payments.
PAYMENT_WEBHOOKS: Final = RouteClass("payment_webhooks", 1, queue=200, patience_s=5)
#: Questions to the database itself.
LOOKUPS: Final = RouteClass("lookups", 4, queue=100, patience_s=2)
SEARCH: Final = RouteClass("search", 8, queue=100, patience_s=2, asks_postgres=False)
ANALYTICS: Final = RouteClass("analytics", 2, queue=50, patience_s=5, asks_postgres=False)
#: Each takes a process, seconds and memory: whoever asks for figures does not wait for who asks in SQL.
SQL: Final = RouteClass("sql", 2, queue=20, patience_s=5, asks_postgres=False)
REGISTRY: Final = RouteClass("registry", 2, queue=200, patience_s=5)
#: What computes in Python: parsing and comparing schemas.
COMPUTING: Final = RouteClass("computing", 1, queue=20, patience_s=10, body_kib=8192)
#: Pages about the API itself, and addresses at which there is nothing. They need no store.
PAGES: Final = RouteClass("pages", 1, queue=50, patience_s=5, asks_postgres=False)

CLASSES: Final = (
    HEALTH,
    COMMANDS,
    SIGN_IN,
    IMPORTS,
    PAYMENT_WEBHOOKS,
    LOOKUPS,
    SEARCH,
    ANALYTICS,
    SQL,
    REGISTRY,
    COMPUTING,
    PAGES,
)

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: The first prefix that fits decides.
_BY_PREFIX: Final = (
    ("/health/", HEALTH),
    ("/metrics", HEALTH),
    ("/v1/auth/", SIGN_IN),
    ("/v1/search/", SEARCH),
    (INSTANTSEARCH_ROOT, SEARCH),
    ("/v1/analytics/sql", SQL),
    ("/v1/analytics/", ANALYTICS),
    ("/v1/imports/", IMPORTS),
    ("/v1/payments/webhooks/", PAYMENT_WEBHOOKS),
    (STOREFRONT_ASSETS, PAGES),
)


def class_of(method: str, path: str) -> RouteClass:
    for prefix, found in _BY_PREFIX:
        if path.startswith(prefix):
            return found
    if path.endswith("/export") and method == "GET":
        return IMPORTS
    if is_registrys(path):
        return REGISTRY if method in _READS or method == "DELETE" else COMPUTING
    if path.startswith("/v1/") or is_storefronts(path):
        return LOOKUPS if method in _READS else COMMANDS
    return PAGES


def postgres_connections(api_threads: int) -> int:
    """As many as there are threads that need one, and a few: hardly any thread waits for another's connection."""
    return _FOR_TENANTS_AND_READINESS + sum(one.threads(api_threads) for one in CLASSES if one.asks_postgres)
