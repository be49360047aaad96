"""Keeps what was searched for, clicked and bought: a row for each search and for each thing done, for thirty days.

The view `searches` is what we mean by a search: the first page, typed to its end. Of what one session types on within
three seconds only the last counts. In `search_clicks` each click is beside the search it followed.
"""

from operator import attrgetter
from typing import Final

from schemas.envelope import Envelope
from schemas.events.search_log import KEPT_DAYS, SearchLogRecorded
from schemas.topics import SEARCH_LOGS
from sinks.duckdb.fact_tables import Facts, KeptFor, Lines
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange
from sinks.stores import InDuckDB

SEARCHES: Final = Lines(
    field="searches",
    table="recorded_searches",
    parent_id="log_id",
    columns={
        "query_id": "UUID",
        "text": "VARCHAR",
        "locale": "VARCHAR",
        "hits": "BIGINT",
        "match": "VARCHAR",
        "took_ms": "BIGINT",
        "page": "BIGINT",
        "sort": "VARCHAR",
        "filters": "VARCHAR",
        "channel": "VARCHAR",
        "counts_clicks": "BOOLEAN",
        "session": "VARCHAR",
        "asked_at": "TIMESTAMPTZ",
    },
)
ACTIONS: Final = Lines(
    field="actions",
    table="search_actions",
    parent_id="log_id",
    columns={
        "kind": "VARCHAR",
        "query_id": "UUID",
        "object_id": "UUID",
        "position": "BIGINT",
        "value_minor": "BIGINT",
        "currency": "VARCHAR",
        "channel": "VARCHAR",
        "done_at": "TIMESTAMPTZ",
    },
)
SEARCH_FACTS: Final = Facts(
    table="search_logs",
    columns={"recorded_at": "TIMESTAMPTZ"},
    lines=(SEARCHES, ACTIONS),
    views={
        # Who searches by /v1 tells of clicks, or does not: that shows when one was told of.
        "searches": """
            WITH first_pages AS (
                SELECT *, lead(text) OVER later AS next_text, lead(asked_at) OVER later AS next_at
                FROM recorded_searches WHERE page = 1
                WINDOW later AS (PARTITION BY tenant_id, channel, session ORDER BY asked_at, log_id, line_no)
            ), done AS (
                SELECT tenant_id, query_id, count(*) FILTER (kind = 'click') AS clicks,
                       count(*) FILTER (kind = 'conversion') AS conversions
                FROM search_actions WHERE query_id IS NOT NULL GROUP BY ALL
            ), telling AS (SELECT DISTINCT tenant_id FROM search_actions WHERE channel = 'v1')
            SELECT search.tenant_id, search.query_id, search.asked_at, search.text, search.locale, search.channel,
                   search.hits, search.match, search.took_ms, search.sort, search.filters, search.session,
                   CASE WHEN search.counts_clicks OR (search.channel = 'v1' AND telling.tenant_id IS NOT NULL)
                        THEN coalesce(done.clicks, 0) END AS clicks,
                   CASE WHEN search.counts_clicks OR (search.channel = 'v1' AND telling.tenant_id IS NOT NULL)
                        THEN coalesce(done.conversions, 0) END AS conversions
            FROM first_pages AS search
            LEFT JOIN done ON done.tenant_id = search.tenant_id AND done.query_id = search.query_id
            LEFT JOIN telling ON telling.tenant_id = search.tenant_id
            WHERE search.session IS NULL OR search.next_at IS NULL
               OR search.next_at - search.asked_at > INTERVAL 3 SECONDS
               OR NOT starts_with(search.next_text, search.text)
        """,
        "search_clicks": """
            SELECT action.tenant_id, action.query_id, search.asked_at, action.done_at, search.text, search.locale,
                   search.channel,
                   action.object_id AS product_id, action.position
            FROM search_actions AS action JOIN recorded_searches AS search
                ON search.tenant_id = action.tenant_id AND search.query_id = action.query_id
            WHERE action.kind = 'click'
        """,
    },
)
_search, _action = attrgetter(*SEARCHES.columns), attrgetter(*ACTIONS.columns)


def search_facts(envelope: Envelope, event: SearchLogRecorded) -> DocumentChange:
    """`filters` are written one behind another, with commas."""
    log = event.search_log
    searches = [dict(zip(SEARCHES.columns, _search(one), strict=True)) for one in log.searches]
    actions = [dict(zip(ACTIONS.columns, _action(one), strict=True)) for one in log.actions]
    return DocumentChange(
        collection=SEARCH_FACTS.table,
        tenant_id=envelope.tenant_id,
        id=log.id,
        version=envelope.order,
        document={
            "recorded_at": envelope.occurred_at,
            SEARCHES.field: [{**one, "filters": ",".join(one["filters"])} for one in searches],
            ACTIONS.field: actions,
        },
    )


MODEL: Final = ReadModel(
    name="searches",
    version=1,
    projections=(
        Projection(
            topic=SEARCH_LOGS,
            aggregate="search_log",
            collection=SEARCH_FACTS.table,
            fold=search_facts,
        ),
    ),
    store=InDuckDB((SEARCH_FACTS,), kept=KeptFor(days=KEPT_DAYS, since="recorded_at"), is_checked=True),
    publish_s=1.0,
)
