"""Declares everything that can be set, with its default.

Each setting is an environment variable with the prefix `RUSTOK_`. What the environment leaves open is read from the
stack's own `stack.env`, then from the defaults here. An address that is left empty means the local server, which
`rustok up` starts; an address that is given is used as it is, and nothing is started in its place.
"""

import hmac
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from ops.clients.client_credentials import (
    NO_SECRET,
    KafkaAccess,
    KafkaMechanism,
    KafkaProtocol,
    OpenSearchAccess,
    addresses,
)
from ops.home import StackFolder, default_home, project_root

PREFIX = "RUSTOK_"
STACK_NAME = r"^[a-z0-9][a-z0-9_-]{0,31}$"


#: "100 per minute", "10 per 15 minutes"
LIMIT = r"^[1-9][0-9]{0,9} per ([1-9][0-9]{0,3} )?(second|minute|hour|day)s?$"


def _limit(default: str, what: str) -> Any:
    return Field(default, pattern=LIMIT, description=f"Most {what} of one user or token in one shop.")


Port = Annotated[int, Field(ge=1, le=65535)]
#: 0: none.
MetricsPort = Annotated[int, Field(ge=0, le=65535)]


class FeedSettings(BaseModel):
    """What can be set of each feed, as `RUSTOK_FEED__<NAME>__…`; None: as its read model declares it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch: int | None = Field(None, ge=1, description="Most records the feed {name} takes at once.")
    publish_s: float | None = Field(
        None, gt=0, description="Seconds at most between two times that readers of {name} see what is new."
    )
    metrics_port: MetricsPort | None = Field(None, description="Metrics page of the feed {name}.")


class Settings(BaseSettings):
    """Made once in each process, at its entry point, and passed on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # it may be a password
    )

    home: Path = Field(
        default_factory=lambda: default_home(project_root(), is_root=os.geteuid() == 0),
        description="Folder of the servers' software and of every stack's data, logs and keys.",
    )
    stack: str = Field("main", pattern=STACK_NAME, description="Name of the stack; stacks share nothing but software.")
    downloads: Path = Field(
        Path("/var/tmp/rustok-downloads"),  # noqa: S108  # whatever is taken from it is checked against the lock
        description="Folder where fetched jars are kept, once for all users of this machine.",
    )
    service_user: str = Field("", description="Who PostgreSQL and OpenSearch run as when started by root; else nobody.")
    listen_host: str = Field("127.0.0.1", description="Address the API and the metrics pages listen on.")

    postgres_port: Port = Field(55432, description="Port of the local PostgreSQL.")
    kafka_port: Port = Field(59092, description="Port of the local Kafka.")
    kafka_controller_port: Port = Field(59093, description="Port of the local Kafka's controller.")
    opensearch_port: Port = Field(59200, description="Port of the local OpenSearch.")
    api_port: Port = Field(8080, description="Port of the API.")
    scheduler_metrics_port: MetricsPort = Field(59105, description="Metrics page of the scheduler.")
    dead_letters_metrics_port: MetricsPort = Field(59104, description="Metrics page of the collector of dead letters.")
    webhooks_metrics_port: MetricsPort = Field(59106, description="Metrics page of who delivers webhooks.")
    capture_metrics_port: MetricsPort = Field(59101, description="Metrics page of the capture.")

    environment: Literal["development", "production"] = Field(
        "development", description="What this is for: production refuses what is good for development only."
    )
    domain_check: Literal["proof", "none"] = Field(
        default_factory=lambda read: "proof" if read["environment"] == "production" else "none",
        description="Whether a shop has to show that a domain is its own before requests there are the shop's, by a TXT"
        " record or a file; none is for development only, proof the default in production.",
    )
    token_algorithm: Literal["EdDSA", "HS256"] = Field(
        default_factory=lambda read: "EdDSA" if read["environment"] == "production" else "HS256",
        description="How people's access tokens are signed: with published keys (EdDSA), or, in development only, with"
        " the token key itself (HS256); in production EdDSA is the default.",
    )
    token_key: SecretStr = Field(
        default_factory=lambda read: SecretStr(_text(_folder(read).token_key)),
        description="Key that all hosts of the API share, and nobody else has: it signs receipts, seals the private"
        " keys in the database, and with HS256 signs people's tokens; made at the first start when not given.",
    )
    service_key: SecretStr = Field(
        default_factory=lambda read: SecretStr(_text(_folder(read).service_key)),
        description="Key with which processes sign what they show the API; made at the first start when not given.",
    )
    watermark_key: SecretStr = Field(
        default_factory=lambda read: SecretStr(_text(_folder(read).watermark_key)),
        description="Key of capture and feeds that signs watermarks; made at the first start when not given.",
    )
    webhook_key: SecretStr = Field(
        default_factory=lambda read: SecretStr(_text(_folder(read).webhook_key)),
        description="Key of the API and of who delivers webhooks, and nobody else's: it seals the secrets that"
        " receivers have; made at the first start when not given.",
    )
    payment_key: SecretStr = Field(
        default_factory=lambda read: SecretStr(_text(_folder(read).payment_key)),
        description="Key of the API and of the scheduler, and nobody else's: it seals how somebody pays until it is"
        " known whether they have; made at the first start when not given.",
    )
    payment_provider: str = Field(
        default_factory=lambda read: "" if read["environment"] == "production" else "test",
        pattern=r"^[a-z0-9_-]{0,40}$",
        description="Who takes payments: the name of a payment provider that is installed; empty: nobody. test takes no"
        " real money, and is the default in development.",
    )
    storefront: bool = Field(
        default_factory=lambda read: read["environment"] != "production",
        description="Whether the API serves a storefront, too, at /shop/ of each shop's own hosts: an example to try"
        " and to copy from, on in development and off in production unless it is said.",
    )
    payment_answer_s: float = Field(
        10, gt=0, le=60, description="Seconds in which a payment provider has to have answered, all in all."
    )
    payment_waits_min: float = Field(
        60, gt=0, description="Minutes after which a payment that nobody has finished is declined."
    )
    token_leeway_s: float = Field(
        60, ge=0, description="Seconds that the clock of who issues tokens may be ahead of the API's."
    )
    oidc_issuer: str = Field(
        "", description="Identity provider whose access tokens are taken, too: its address, as in their `iss`."
    )
    oidc_audience: str = Field("", description="What its tokens for us have in `aud`; it has to be given.")
    oidc_algorithm: Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"] = Field(
        "RS256", description="How it signs; nothing else is taken."
    )
    oidc_tenant_claim: str = Field(
        "tenant", description="Claim with the id of the shop; the way to it with dots: organization.shop_id."
    )
    oidc_role_claim: str = Field("role", description="Claim with the role, or a list of roles.")
    oidc_roles: dict[str, str] = Field(
        {},
        description='What it calls a role and what that is here, as JSON: {"shop-owners": "admin"}. Of several that'
        " somebody has, the first one here counts; who has none is refused.",
    )
    idempotency_keep_h: float = Field(
        24, ge=0, description="Hours the answer to an Idempotency-Key is kept for the same call again; 0: for ever."
    )
    access_token_min: float = Field(10, gt=0, le=60, description="Minutes an access token of who signed in is good.")
    session_days: float = Field(30, gt=0, le=365, description="Days after which who signed in has to do so again.")
    refresh_grace_s: float = Field(
        20, ge=0, le=60, description="Seconds in which a refresh token that was used gives the same next one again."
    )
    mail_link_h: float = Field(24, gt=0, le=720, description="Hours in which a link that was mailed is good.")
    mail_link_url: str = Field(
        "", description="Page that a mailed link opens, with `for` and `token` in its query; empty: the token alone."
    )
    mail_from: str = Field("rustok@localhost", description="Who the platform's mail is from.")
    smtp_host: str = Field("", description="Server that sends mail; empty: mail goes to the log, for development.")
    smtp_port: Port = Field(587, description="Its port.")
    smtp_security: Literal["tls", "starttls", "none"] = Field(
        "starttls", description="TLS from the first byte, after a greeting, or none."
    )
    smtp_user: str = Field("", description="User at that server.")
    smtp_password: SecretStr = Field(NO_SECRET, description="Its password.")
    cors_origins: str = Field(
        "",
        description="Web pages that may call the API besides those at a shop's own domains: origins such as"
        " https://admin.example, by commas; * is every page.",
    )
    trusted_proxies: str = Field(
        "",
        description="Proxies in front of the API: addresses or CIDRs by commas. What they forward of a client (address,"
        " scheme and host) counts; from anybody else it is dropped.",
    )
    proxy_headers: Literal["X-Forwarded", "Forwarded"] = Field(
        "X-Forwarded",
        description="Which headers they say it in: `X-Forwarded-For`, `-Proto` and `-Host`, or `Forwarded` (RFC 7239).",
    )
    limits_url: SecretStr = Field(
        NO_SECRET,
        description="Valkey or Redis where all workers count requests together: valkey://…, redis://…, with TLS"
        " valkeys://… or rediss://…; empty: each worker counts alone and has its share of each limit.",
    )
    limit_commands: str = _limit("30000 per minute", "commands")
    limit_imports: str = _limit("6000 per minute", "imports")
    limit_lookups: str = _limit("60000 per minute", "reads from the database")
    limit_search: str = _limit("60000 per minute", "searches")
    limit_analytics: str = _limit("6000 per minute", "questions to analytics")
    limit_sql: str = _limit("600 per minute", "questions to analytics in SQL")
    limit_registry: str = _limit("120000 per minute", "reads of the schema registry")
    limit_payment_webhooks: str = Field(
        "60000 per minute", pattern=LIMIT, description="Most webhooks of payment providers from one address."
    )
    limit_computing: str = _limit("12000 per minute", "schemas that are registered or compared")
    limit_anonymous: str = Field(
        "6000 per minute",
        pattern=LIMIT,
        description="Most requests without a token from one address at one shop, of each of these kinds.",
    )
    limit_unauthenticated: str = Field(
        "30000 per minute",
        pattern=LIMIT,
        description="Most requests that are refused for their token, or for want of one, from one address.",
    )
    limit_guest_orders: str = Field(
        "20 per 10 minutes", pattern=LIMIT, description="Most orders without an account from one address at one shop."
    )
    limit_guest_payments: str = Field(
        "20 per 10 minutes",
        pattern=LIMIT,
        description="Most tries to pay for orders without an account from one address at one shop.",
    )
    limit_sign_in_account: str = Field(
        "10 per 15 minutes", pattern=LIMIT, description="Most passwords tried for one account from one address."
    )
    limit_sign_in_everywhere: str = Field(
        "100 per 15 minutes",
        pattern=LIMIT,
        description="Most passwords tried for one account from addresses where it was never signed in to.",
    )
    limit_sign_in_address: str = Field(
        "600 per 15 minutes", pattern=LIMIT, description="Most passwords tried from one address."
    )
    limit_refresh_token: str = Field(
        "60 per 15 minutes", pattern=LIMIT, description="Most times one refresh token is brought."
    )
    limit_refresh_address: str = Field(
        "6000 per 15 minutes", pattern=LIMIT, description="Most refresh tokens brought from one address."
    )
    postgres_url: str = Field(
        default_factory=lambda read: _local_postgres(read),
        repr=False,
        description="PostgreSQL to use instead of the local one, with user, password and database.",
    )
    postgres_api_url: str = Field(
        default_factory=lambda read: _postgres_of(read, "rustok_api"),
        repr=False,
        description="The same for the API, with the role of its duty.",
    )
    postgres_capture_url: str = Field(
        default_factory=lambda read: _postgres_of(read, "rustok_capture"),
        repr=False,
        description="The same for capture: a role that may replicate, and has the outbox only.",
    )
    postgres_dead_letters_url: str = Field(
        default_factory=lambda read: _postgres_of(read, "rustok_dead_letters"),
        repr=False,
        description="The same for the collector of dead letters.",
    )
    postgres_scheduler_url: str = Field(
        default_factory=lambda read: _postgres_of(read, "rustok_scheduler"),
        repr=False,
        description="The same for the scheduler.",
    )
    postgres_webhooks_url: str = Field(
        default_factory=lambda read: _postgres_of(read, "rustok_webhooks"),
        repr=False,
        description="The same for who delivers webhooks.",
    )
    postgres_bi_url: str = Field(
        default_factory=lambda read: _local_bi(read),
        repr=False,
        description="Database of its own for [BI tools](analytics.md#in-a-bi-tool) on the same server, and the role"
        " that fills it; empty: there is none.",
    )
    postgres_archive_dir: Path | None = Field(
        None,
        description="Folder into which the local PostgreSQL archives its log, so that a [backup](backups.md) can be"
        " brought to any moment after it; none: it does not.",
    )
    postgres_archive_s: float = Field(
        10,
        ge=1,
        le=3600,
        description="Seconds after which it archives what it has, also when a segment of its log is not full.",
    )
    postgres_any_role: bool = Field(
        False, description="Whether a process starts though its role may do more than its duty: for a trial."
    )
    kafka_bootstrap: str = Field(
        default_factory=lambda read: f"127.0.0.1:{read['kafka_port']}",
        description="Kafka to use instead of the local one: host:port, several by commas.",
    )
    kafka_partitions: dict[str, PositiveInt] = Field(
        {},
        description='Aggregates whose topics are to have more partitions than are declared, as JSON: {"order": 32}. Of'
        " topics that are there `rustok streams repartition` makes more.",
    )
    kafka_replication: int = Field(
        0, ge=0, le=32767, description="Copies of each topic that is made; 0: as many as the cluster makes by default."
    )
    kafka_min_insync_replicas: int = Field(
        0,
        ge=0,
        description="Copies that must have a record before it counts as written; 0: one less than there are copies, so"
        " that one may be away.",
    )
    opensearch_url: str = Field(
        default_factory=lambda read: f"http://127.0.0.1:{read['opensearch_port']}",
        repr=False,
        description="OpenSearch to use instead of the local one; several addresses by commas, of one cluster: while one"
        " is away the others are asked.",
    )
    opensearch_shards: int = Field(
        1, ge=1, le=1024, description="Shards of each index that is made: each shop is in one of them."
    )
    opensearch_replicas: int = Field(
        0, ge=0, le=1023, description="Copies of each shard besides the first, of each index that is made."
    )
    kafka_security_protocol: KafkaProtocol = Field("PLAINTEXT", description="How Kafka's brokers are spoken to.")
    kafka_sasl_mechanism: KafkaMechanism = Field("SCRAM-SHA-512", description="How clients say who they are to Kafka.")
    kafka_user: str = Field("", description="User at Kafka; with OAUTHBEARER the client's id.")
    kafka_password: SecretStr = Field(NO_SECRET, description="Its password; with OAUTHBEARER the client's secret.")
    kafka_ca: Path | None = Field(
        None, description="File of certificates that Kafka's is checked by; else the system's."
    )
    kafka_token_url: str = Field("", description="Where tokens for Kafka are given to who has id and secret.")
    kafka_token_scope: str = Field("", description="Scope that is asked for there.")
    kafka_connect_s: float = Field(30, gt=0, description="Seconds a client of Kafka tries to connect.")
    kafka_answer_s: float = Field(60, gt=0, description="Seconds it waits for the answer to a request.")
    opensearch_user: str = Field("", description="User at OpenSearch.")
    opensearch_password: SecretStr = Field(NO_SECRET, description="Its password.")
    opensearch_ca: Path | None = Field(
        None, description="File of certificates that OpenSearch's is checked by; else the system's."
    )
    registry_url: str = Field("", description="Confluent-compatible schema registry to read from instead of the API.")
    registry_user: str = Field("", description="User at that registry: the token is sent as a password (Basic).")
    registry_token: SecretStr = Field(
        SecretStr(""),
        description="Token or password that schemas are read with; for the API a process makes its own when not given.",
    )
    registry_port: Port = Field(8081, description="Port of a registry that is served alone (`rustok api registry`).")
    api_url: str = Field(
        default_factory=lambda read: f"http://127.0.0.1:{read['api_port']}",
        description="Where clients find the API.",
    )
    api_workers: int = Field(2, ge=1, description="Processes that serve the API.")
    api_threads: int = Field(
        8, ge=1, description="Threads for commands in each of them; other kinds of requests have a share beside these."
    )
    api_connections: int = Field(1000, ge=10, description="Most connections of clients to each of them.")
    api_request_s: float = Field(
        60, gt=0, description="Seconds in which a request has to arrive, and its answer has to be taken."
    )
    api_idle_s: float = Field(15, gt=0, description="Seconds without a byte after which a client is given up.")
    api_keepalive_s: int = Field(30, ge=1, description="Seconds a connection is kept open for another request.")
    api_bodies_mb: int = Field(128, ge=16, description="Most megabytes of requests held in memory by each of them.")
    api_waiting: int = Field(256, ge=1, description="Most requests that wait for receipts in each of them.")
    api_waiting_each: int = Field(32, ge=1, description="Most of these of one actor of one shop.")
    postgres_connect_s: int = Field(3, ge=2, description="Seconds the API tries to connect to PostgreSQL.")
    postgres_statement_s: float = Field(10, gt=0, description="Seconds after which the API gives up a statement.")
    postgres_lock_s: float = Field(5, gt=0, description="Seconds the API waits for a lock.")
    postgres_most_connections: int = Field(
        0,
        ge=0,
        description="Connections to PostgreSQL that this host's API may open; 0: what the server says it takes.",
    )
    search_answer_s: float = Field(2, gt=0, description="Seconds the API waits for an answer of OpenSearch.")
    analytics_answer_s: float = Field(
        10, gt=0, description="Seconds after which the API gives up a question to the analytics snapshot."
    )
    analytics_sql_s: float = Field(10, gt=0, le=300, description="Seconds after which a statement in SQL is given up.")
    analytics_sql_mb: int = Field(512, ge=64, description="Most megabytes of memory that a statement in SQL takes.")
    analytics_sql_rows: int = Field(10_000, ge=1, description="Most rows of the answer to a statement in SQL.")
    analytics_sql_answer_mb: int = Field(10, ge=1, description="Most megabytes of the answer to a statement in SQL.")
    analytics_sql_at_once: int = Field(
        2, ge=1, description="Most statements in SQL that each process of the API has answered at the same time."
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console on a terminal, else JSON."
    )

    capture_slot: str = Field("rustok", description="Replication slot of the capture.")
    capture_publication: str = Field("rustok_outbox", description="Publication the capture reads.")
    capture_exact: bool = Field(
        False, description="Whether events and their position go to Kafka in one transaction: no duplicates, slower."
    )
    capture_failover_slot: bool = Field(
        True, description="Whether a new slot can go on at a standby server (PostgreSQL 17 and later)."
    )
    capture_lease_s: float = Field(
        5.0,
        ge=1,
        description="Seconds after which the kernel ends a capture that hangs or does not hear from PostgreSQL.",
    )
    capture_evict_after_s: float = Field(
        10.0, ge=1, description="Seconds without a sign of life after which a capture loses the slot to another."
    )
    watermark_interval_s: float = Field(0.5, gt=0, description="Seconds between two watermarks.")
    outbox_keep_h: float = Field(72, ge=0, description="Hours an outbox row is kept that is in Kafka; 0: for ever.")
    compaction_lag_h: float = Field(
        72,
        ge=0,
        description="Hours Kafka keeps every event before compaction may leave only the newest of an aggregate; so"
        " long the feed of the event archive may be behind.",
    )
    prune_every_s: float = Field(
        60, gt=0, description="Seconds between two rounds of removing what is old from the outbox, and what has ended."
    )
    dead_letters_keep_days: float = Field(
        90,
        ge=0,
        description="Days that a dead letter is kept that is applied or discarded, since anybody touched it last; 0:"
        " for ever.",
    )
    session_keep_days: float = Field(
        7, gt=0, description="Days that a session, or a link that was mailed, is kept when its time is over."
    )
    order_expires_h: float = Field(
        24, ge=0, description="Hours after which an unpaid order that reserves stock is cancelled; 0: never."
    )
    cart_expires_days: float = Field(
        30, ge=0, description="Days after which an open cart that nobody changed is thrown away; 0: never."
    )
    price_history_days: float = Field(
        365,
        ge=0,
        description="Days for which it can be asked what was paid, and reductions are told as such; 0: for ever.",
    )
    audit_chain_every_s: float = Field(
        60, ge=0, description="Seconds between two rounds of chaining and anchoring the audit trail; 0: never."
    )
    verify_every_s: float = Field(3600, ge=0, description="Seconds between two checks of the read models; 0: never.")
    verify_sample: int = Field(500, ge=1, description="Documents of each collection that such a check compares.")
    quality_every_s: float = Field(
        3600,
        ge=0,
        description="Seconds between two checks of what analysts read, which certify what is sound; 0: never.",
    )
    archive_gaps_every_s: float = Field(
        600,
        ge=0,
        description="Seconds between two rounds of emitting again what the [event archive](event-archive.md) lacks; 0:"
        " never.",
    )
    bi_every_s: float = Field(
        300,
        ge=0,
        description="Seconds between two fillings of the tables for BI tools, as long as anybody may read them; 0:"
        " never.",
    )
    bi_of: Literal["newest", "certified"] = Field(
        "newest",
        description="Which snapshot these tables are filled from: the newest, or the newest that was found sound.",
    )
    feed: dict[str, FeedSettings] = Field(
        {}, description="What of a feed is set otherwise than its read model declares it."
    )
    feed_session_s: float = Field(
        1.2, ge=1, description="Seconds without a sign of life after which another feed takes a feed's partitions."
    )
    feed_refusals_in_a_row: int = Field(100, ge=1, description="Refused records in a row after which a feed waits.")
    feed_refusals_per_minute: int = Field(
        1000, ge=1, description="Refused records in a minute after which a feed waits."
    )
    feed_poll_s: float = Field(0.2, gt=0, description="Longest a feed waits for records.")
    webhook_private_hosts: str = Field(
        "",
        description="Hosts that webhooks may go to though they are not public, over plain http, too: names, addresses"
        " or CIDRs by commas; empty: none.",
    )
    webhook_ca: Path | None = Field(
        None, description="File of certificates that receivers of webhooks are checked by; else the public ones."
    )
    webhook_answer_s: float = Field(
        15, gt=0, le=120, description="Seconds in which a receiver of webhooks has to have answered, all in all."
    )
    webhook_first_retry_s: float = Field(
        5, gt=0, description="Seconds after which a webhook that failed is tried again; then twice as long each time."
    )
    webhook_longest_retry_s: float = Field(3600, gt=0, description="Longest time between two tries of a webhook.")
    webhook_retry_h: float = Field(
        24, ge=0, description="Hours in which a webhook is tried; one that failed for so long is a dead letter."
    )
    webhook_failing_h: float = Field(
        120, ge=0, description="Hours without a success after which webhooks to a receiver that fails are switched off."
    )
    webhook_old_secret_h: float = Field(
        24, ge=0, le=720, description="Hours in which a webhook's old secret is good beside a new one."
    )
    webhook_keep_h: float = Field(
        336,
        ge=0,
        description="Hours that what became of a webhook is kept, and what waits for one that is off; 0: for ever.",
    )
    webhook_at_once: int = Field(32, ge=1, le=1000, description="Webhooks that a process delivers at a time.")
    webhook_at_once_each: int = Field(4, ge=1, description="Most of these to one receiver; one that fails gets one.")
    analytics_dir: Path = Field(
        default_factory=lambda read: _folder(read).data("analytics"),
        description="Folder of the analytics database and of its published snapshots.",
    )
    analytics_snapshot_s: float = Field(
        60,
        ge=0,
        description="Seconds that a published snapshot stays when there is a newer one.",
    )
    analytics_replaced_min: float = Field(
        60,
        ge=0,
        description="Minutes that a Parquet file stays when newer ones have replaced it, for who still reads a snapshot"
        " that is gone; so long the two snapshots before the current one stay, too.",
    )
    analytics_open_h: float = Field(
        24, ge=0, description="Hours that a snapshot, with all it names, stays because a process has it open."
    )
    analytics_rewrite_min: float = Field(
        60, ge=0, description="Minutes after which what was changed or removed is in no Parquet file that counts."
    )
    analytics_old_mb: int = Field(
        20_000,
        ge=0,
        description="Most megabytes of old snapshots, and of replaced Parquet files, of a read model: beyond it they go"
        " before their time, the oldest first.",
    )

    rebuild_workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that make a build of a read model together, where its store takes several: they share"
        " the partitions of its topics, and the processor that the feeds leave them.",
    )
    rebuild_kept_h: float = Field(
        24,
        ge=0,
        description="Hours that a build of a read model stays after readers, or whoever made it, left it; 0: until"
        " somebody drops it.",
    )
    lake_every_s: float = Field(
        0,
        ge=0,
        le=3600,
        description="Seconds between two times that what analysts read is mirrored as Iceberg tables, at least 60; 0:"
        " never.",
    )
    lake_certified: bool = Field(
        False, description="Whether that is the newest certified snapshot, and not the newest of all."
    )
    lake_kept_min: float = Field(
        60,
        ge=0,
        description="Minutes that a commit of an Iceberg table can be read after the next one, with all that was erased"
        " since.",
    )
    lake_dir: Path = Field(
        default_factory=lambda read: read["analytics_dir"] / "lake",
        description="Folder of the Iceberg tables; on the disk of the analytics their files take no space twice.",
    )

    @field_validator("lake_every_s")
    @classmethod
    def _is_no_stream(cls, setting: float) -> float:
        if 0 < setting < 60:
            raise ValueError("each time is a commit to every table that changed: it is to be 0, or 60 at least")
        return setting

    @field_validator("postgres_archive_dir")
    @classmethod
    def _is_absolute(cls, setting: Path | None) -> Path | None:
        if setting is not None and not setting.is_absolute():
            raise ValueError("it is to begin with /: PostgreSQL works in a folder of its own")
        return setting

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, setting: str) -> str:
        for one in filter(None, (part.strip() for part in setting.split(","))):
            ip_network(one)
        return setting

    @field_validator(
        "postgres_url",
        "postgres_api_url",
        "postgres_capture_url",
        "postgres_dead_letters_url",
        "postgres_scheduler_url",
        "postgres_webhooks_url",
        "postgres_bi_url",
    )
    @classmethod
    def _is_of_postgres(cls, setting: str) -> str:
        scheme, separator, _ = setting.partition("://")
        if setting and (scheme not in ("postgresql", "postgres") if separator else "=" not in setting):
            raise ValueError(
                "it is to begin with postgresql://, or to be of libpq's words, as in host=db dbname=rustok"
            )
        return setting

    @field_validator("kafka_bootstrap")
    @classmethod
    def _are_brokers(cls, setting: str) -> str:
        for broker in setting.split(","):
            host, _, port = broker.strip().rpartition(":")
            if not (host and port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
                raise ValueError("each broker is to be host:port, several are divided by commas")
        return setting

    @field_validator("opensearch_url")
    @classmethod
    def _are_addresses(cls, setting: str) -> str:
        schemes = {url.partition("://")[0] for url in addresses(setting)}
        if not schemes or not schemes <= {"http", "https"} or len(schemes) > 1:
            raise ValueError("each address is to begin with http://, or each with https://")
        return setting

    @model_validator(mode="after")
    def _leaves_one_copy_to_lose(self) -> "Settings":
        if self.kafka_replication and self.kafka_min_insync_replicas > self.kafka_replication:
            raise ValueError(
                f"{PREFIX}KAFKA_MIN_INSYNC_REPLICAS is more than {PREFIX}KAFKA_REPLICATION: nothing could be written"
            )
        return self

    @field_validator("limits_url")
    @classmethod
    def _is_of_valkey(cls, setting: SecretStr) -> SecretStr:
        given = setting.get_secret_value()
        if given and given.partition("://")[0] not in ("valkey", "valkeys", "redis", "rediss"):
            raise ValueError("it is to begin with valkey://, valkeys://, redis:// or rediss://")
        return setting

    @property
    def folder(self) -> StackFolder:
        return StackFolder(self.home, self.stack)

    @property
    def kafka(self) -> KafkaAccess:
        """Where Kafka is, and what its clients need to be let in."""
        return KafkaAccess(
            bootstrap=self.kafka_bootstrap,
            protocol=self.kafka_security_protocol,
            mechanism=self.kafka_sasl_mechanism,
            user=self.kafka_user,
            password=self.kafka_password,
            ca=self.kafka_ca,
            token_url=self.kafka_token_url,
            token_scope=self.kafka_token_scope,
            connect_s=self.kafka_connect_s,
            answer_s=self.kafka_answer_s,
        )

    @property
    def opensearch(self) -> OpenSearchAccess:
        """Where OpenSearch is, and what its clients need to be let in."""
        return OpenSearchAccess(
            url=self.opensearch_url, user=self.opensearch_user, password=self.opensearch_password, ca=self.opensearch_ca
        )

    @property
    def starts_postgres(self) -> bool:
        return "postgres_url" not in self.model_fields_set

    @property
    def starts_kafka(self) -> bool:
        return "kafka_bootstrap" not in self.model_fields_set

    @property
    def starts_opensearch(self) -> bool:
        return "opensearch_url" not in self.model_fields_set

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Which stack.env is read depends on the stack, and only the caller and the environment can name that.
        named = {**env_settings(), **init_settings()}
        home = Path(named.get("home") or default_home(project_root(), is_root=os.geteuid() == 0))
        stack_env = StackFolder(home, str(named.get("stack") or "main")).env_file
        return init_settings, env_settings, DotEnvSettingsSource(settings_cls, env_file=stack_env)


def complaints(wrong: ValueError) -> list[str]:
    """What is wrong with which setting, without what was set: it may be a password."""
    if isinstance(wrong, SettingsError):  # its text says from where as Python calls it, and has the value behind it
        name = str(wrong).partition('field "')[2].partition('"')[0]
        return [f"{PREFIX}{name.upper()}: it is no JSON."]
    if not isinstance(wrong, ValidationError):
        return [str(wrong)]
    told = wrong.errors(include_url=False, include_context=False, include_input=False)
    there_are = f"there is no such setting; there are {', '.join(FeedSettings.model_fields).upper()}"
    return [
        f"{PREFIX}{'__'.join(map(str, one['loc'])).upper()}: "
        f"{there_are if one['type'] == 'extra_forbidden' else one['msg']}."
        for one in told
        if one["type"] != "default_factory_not_called"  # it follows from another one
    ]


def _folder(read: dict[str, Any]) -> StackFolder:
    return StackFolder(read["home"], read["stack"])


def _text(file: Path) -> str:
    return file.read_text().strip() if file.is_file() else ""


def _local_postgres(read: dict[str, Any], role: str = "rustok") -> str:
    password = _text(_folder(read).postgres_password)
    if role != "rustok":  # each has its own, so that none can be another
        password = hmac.digest(password.encode(), role.encode(), "sha256").hex()
    return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{read['postgres_port']}/rustok"


def _local_bi(read: dict[str, Any]) -> str:
    """Of a server that is not ours nobody knows."""
    local = _local_postgres(read)
    return f"{_local_postgres(read, 'rustok_bi')}_bi" if str(read["postgres_url"]) == local else ""


def _postgres_of(read: dict[str, Any], role: str) -> str:
    """Of the local server the role's own; of another one that is all that is known."""
    given = str(read["postgres_url"])
    return _local_postgres(read, role) if given == _local_postgres(read) else given
