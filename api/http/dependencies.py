"""What the API works with: made once for each process, and in tests as the test likes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app

from api.http.denied_calls import DeniedCalls
from api.http.kept_customer_groups import StoredCustomerGroups
from api.http.kept_often_asked import KeptOftenAsked
from api.http.kept_search_settings import StoredSearchSettings
from api.http.limits.counters import Counters, no_limits
from api.http.readiness import Readiness
from api.http.receipts import Receipts
from api.http.search_log import SearchLogs
from api.http.service_token_cache import ServiceTokens
from api.http.tenant_cache import Tenants
from api.http.tokens import AccessTokens
from api.http.user_standings import Standings
from api.store.store import Store
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.read_models.question import Revenue, Search, SearchedPages, SearchReports, Statements
from api.use_cases.read_models.search_cursors import SearchCursors
from api.use_cases.tenants.shop_domains import DomainCheck
from api.use_cases.users.sign_in_desk import SignInDesk
from api.use_cases.webhooks.webhook_desk import WebhookDesk
from sinks.rebuild.told_builds import TellBuilds, nowhere

EXTENSION = "rustok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """`clock` is UTC, `now_s` runs evenly. `closing` is what to close, in this order.

    `price_history`: how long ago a past price can be asked for; None: however long.
    `origins`: whose web pages may call, besides those at a shop's own domains. `counters` count requests; `counter_key`
    hides whose they are. `storefront`: whether pages of the shops are served, too.
    `page_packages`: where what its page of InstantSearch loads is, once that was fetched. `analytics`: the folder that
    feeds publish into. `builds` tells which there are of a read model.
    """

    store: Store
    tenants: Tenants
    standings: Standings
    desk: SignInDesk
    denied: DeniedCalls
    tokens: AccessTokens
    service_tokens: ServiceTokens
    receipts: Receipts
    search: Search
    search_cursors: SearchCursors
    pages: SearchedPages
    search_settings: StoredSearchSettings
    customer_groups: StoredCustomerGroups
    search_logs: SearchLogs
    sales: Revenue
    searches: SearchReports
    sql: Statements
    often_asked: KeptOftenAsked
    domains: DomainCheck
    webhooks: WebhookDesk
    payments: PaymentDesk
    clock: Callable[[], datetime]
    now_s: Callable[[], float]
    price_history: timedelta | None = None
    readiness: Readiness = field(default_factory=Readiness)
    closing: Sequence[Callable[[], None]] = ()
    origins: frozenset[str] = frozenset()
    counters: Counters = field(default_factory=no_limits)
    counter_key: bytes = field(default=b"", repr=False)
    storefront: bool = False
    page_packages: Path | None = None
    analytics: Path = Path(os.devnull)
    builds: TellBuilds = nowhere


def dependencies() -> Dependencies:
    """Those of the app that serves this request."""
    found: Dependencies = current_app.extensions[EXTENSION]
    return found
