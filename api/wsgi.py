"""Makes what a worker serves: one process's API, connected to the stores its settings name."""

import hmac
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from apiflask import APIFlask
from structlog.contextvars import bind_contextvars

from api.app import create_app, create_registry_alone
from api.http.denied_calls import DeniedCalls
from api.http.dependencies import Dependencies
from api.http.kept_best_sellers import KeptBestSellers
from api.http.kept_customer_groups import StoredCustomerGroups
from api.http.kept_often_asked import KeptOftenAsked
from api.http.kept_search_settings import StoredSearchSettings
from api.http.limits.counters import Counters, counters_of, no_limits
from api.http.make_tokens import make_tokens
from api.http.middleware import cors
from api.http.readiness import Readiness
from api.http.search_log import SearchLogs
from api.http.server.admit_requests import Door, Limits
from api.http.server.route_classes import postgres_connections
from api.http.server.trusted_proxies import TrustedProxies, networks
from api.http.server.wait_for_receipts import Shows
from api.http.server.worker_processes import prepare_worker
from api.http.server.wsgi_call import Wsgi
from api.http.service_token_cache import StoredServiceTokens
from api.http.tenant_cache import StoredTenants
from api.http.tokens import AccessTokens
from api.http.user_standings import StoredStandings
from api.payment_providers.choose_provider import payment_desk
from api.store.answer_timeouts import AnswerTimeouts
from api.store.notices import TENANTS, Notices
from api.store.store import Store
from api.use_cases.payments.payment_desk import PaymentDesk
from api.use_cases.read_models.question import Revenue, Search, SearchedPages, SearchReports, Statements
from api.use_cases.tenants.shop_domains import DomainCheck
from api.use_cases.users.hash_passwords import PasswordHashes
from api.use_cases.users.sign_in_desk import SignInDesk, SignInTimes
from api.use_cases.webhooks.webhook_desk import WebhookDesk
from ops import telemetry
from ops.domain_checks import TrustedDomains, domain_check
from ops.local.page_packages import page_packages
from ops.mailers import LogMailer, mailer
from ops.metrics import HTTP_WORKERS_SINCE, begin_payments
from ops.sealed_secrets import Seal
from ops.settings import Settings
from ops.webhook_seal import webhook_seal
from sinks.analytics.sales_questions import SalesReader
from sinks.analytics.search_questions import SearchesReader
from sinks.rebuild import told_builds
from sinks.search.page_questions import PageSearch
from sinks.search.product_questions import ProductSearch
from sinks.sql.sql_reader import SqlLimits, SqlReader

#: Where nobody answers.
_NOWHERE: Final = "http://127.0.0.1:1"


def make() -> Door:
    """Called once in each worker. Raises a `Failure` where there is no good key for webhooks."""
    webhook_seal(Settings())
    return _door("api", create_app)


def make_registry() -> Door:
    """The same with nothing but the registry in it."""
    return _door("registry", create_registry_alone)


def _door(name: str, create: Callable[[Dependencies], APIFlask]) -> Door:
    settings = Settings()
    telemetry.configure(settings, process=name)
    prepare_worker(settings)
    own = connect(settings)
    models: Mapping[str, Shows] = {"search": own.search, "pages": own.pages, "sales": own.sales}
    return door(create(own).wsgi_app, models, settings, name, own.closing)


def door(
    app: Wsgi,
    models: Mapping[str, Shows],
    settings: Settings,
    name: str = "api",
    closing: Sequence[Callable[[], None]] = (),
) -> Door:
    """What the server calls. `closing` is called in this order when it has stopped."""

    def close() -> None:
        for one in closing:
            one()

    limits = Limits(
        threads=settings.api_threads,
        waiting=settings.api_waiting,
        waiting_each=settings.api_waiting_each,
        bodies_bytes=settings.api_bodies_mb * 1024 * 1024,
    )
    begin_thread = partial(bind_contextvars, process=name)
    HTTP_WORKERS_SINCE.labels(name).set_to_current_time()
    behind = TrustedProxies(app, networks(settings.trusted_proxies), settings.proxy_headers)
    return Door(behind, models, limits, begin_thread=begin_thread, close=close)


def connect(settings: Settings) -> Dependencies:
    store = Store(
        settings.postgres_api_url,
        connections=postgres_connections(settings.api_threads),
        clock=now,
        patience=patience(settings),
        duty=None if settings.postgres_any_role else "api",
    )
    store.open()
    begin_payments()
    tenants = StoredTenants(store, time.monotonic)
    notices = Notices(settings.postgres_api_url, TENANTS, tenants.changed, tenants.anything_changed)
    notices.begin()
    made = connect_to(
        store,
        make_tokens(settings, store.signing_keys),
        ProductSearch(settings.opensearch, settings.search_answer_s),
        SalesReader(settings.analytics_dir, settings.analytics_answer_s),
        cors.origins(settings.cors_origins),
        desk_of(settings, store),
        counters_of(settings),
        hmac.digest(settings.token_key.get_secret_value().encode(), b"rustok counters", "sha256"),
        tenants=tenants,
        domains=domain_check(settings),
        webhooks=WebhookDesk.of(settings),
        payments=payment_desk(settings),
        searches=SearchesReader(settings.analytics_dir, settings.analytics_answer_s),
        pages=PageSearch(settings.opensearch, settings.search_answer_s),
        sql=SqlReader(settings.analytics_dir, sql_limits(settings)),
    )
    return replace(
        made,
        price_history=price_history(settings),
        storefront=settings.storefront,
        page_packages=page_packages(settings.folder.software),
        analytics=settings.analytics_dir,
        builds=partial(told_builds.tell, settings),
        closing=(notices.close, *made.closing),
    )


def connect_to(
    store: Store,
    tokens: AccessTokens,
    search: Search,
    sales: Revenue,
    origins: frozenset[str] = frozenset(),
    desk: SignInDesk | None = None,
    counters: Counters | None = None,
    counter_key: bytes = b"",
    tenants: StoredTenants | None = None,
    domains: DomainCheck | None = None,
    webhooks: WebhookDesk | None = None,
    payments: PaymentDesk | None = None,
    searches: SearchReports | None = None,
    pages: SearchedPages | None = None,
    sql: Statements | None = None,
) -> Dependencies:
    readiness = Readiness(kept_s=1.0)
    counters = counters or no_limits()
    reports = searches or SearchesReader(Path(os.devnull))
    denied, search_logs = DeniedCalls(store, time.monotonic), SearchLogs(store)
    desk = desk or SignInDesk(store=store, hashes=PasswordHashes(1), mailer=LogMailer(), refresh_key=b"")
    return Dependencies(
        store=store,
        tenants=tenants or StoredTenants(store, time.monotonic),
        standings=StoredStandings(store, time.monotonic),
        desk=desk,
        denied=denied,
        tokens=tokens,
        service_tokens=StoredServiceTokens(store, now, time.monotonic),
        receipts=tokens.receipts(),
        search=search,
        search_cursors=tokens.search_cursors(),
        pages=pages or PageSearch(_NOWHERE),
        customer_groups=StoredCustomerGroups(store, time.monotonic),
        search_settings=StoredSearchSettings(store, time.monotonic, KeptBestSellers(sales, now, time.monotonic).of),
        search_logs=search_logs,
        sales=sales,
        searches=reports,
        sql=sql or SqlReader(Path(os.devnull)),
        often_asked=KeptOftenAsked(reports, time.monotonic),
        domains=domains or TrustedDomains(),
        webhooks=webhooks or WebhookDesk(seal=Seal("")),
        payments=payments or PaymentDesk(seal=Seal("")),
        clock=now,
        now_s=time.monotonic,
        readiness=readiness,
        closing=(denied.close, search_logs.close, store.close, readiness.close, desk.close, counters.close),
        origins=origins,
        counters=counters,
        counter_key=counter_key,
    )


def desk_of(settings: Settings, store: Store) -> SignInDesk:
    """Where people sign in, as the settings say."""
    return SignInDesk(
        store=store,
        # All workers together hash as many at once as there are cores.
        hashes=PasswordHashes(max(1, (os.cpu_count() or 1) // settings.api_workers)),
        mailer=mailer(settings),
        refresh_key=hmac.digest(settings.token_key.get_secret_value().encode(), b"refresh tokens", "sha256"),
        times=SignInTimes(
            access=timedelta(minutes=settings.access_token_min),
            session=timedelta(days=settings.session_days),
            grace=timedelta(seconds=settings.refresh_grace_s),
            link=timedelta(hours=settings.mail_link_h),
        ),
        link_url=settings.mail_link_url,
    )


def price_history(settings: Settings) -> timedelta | None:
    return timedelta(days=settings.price_history_days) if settings.price_history_days > 0 else None


def sql_limits(settings: Settings) -> SqlLimits:
    return SqlLimits(
        time_s=settings.analytics_sql_s,
        memory_mb=settings.analytics_sql_mb,
        rows=settings.analytics_sql_rows,
        bytes=settings.analytics_sql_answer_mb * 1_000_000,
        at_once=settings.analytics_sql_at_once,
    )


def patience(settings: Settings) -> AnswerTimeouts:
    return AnswerTimeouts(
        connect_s=settings.postgres_connect_s,
        statement_s=settings.postgres_statement_s,
        lock_s=settings.postgres_lock_s,
    )


def unconnected() -> Dependencies:
    """For what only looks at the app: its stores are never asked."""
    return connect_to(
        Store("", connections=1, clock=now),
        AccessTokens("-" * 32, "=" * 32),
        ProductSearch(_NOWHERE),
        SalesReader(Path("/nonexistent")),
    )


def now() -> datetime:
    return datetime.now(UTC)
