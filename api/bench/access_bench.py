"""Measures what it costs to know who asks and what they may do, each figure beside what it may cost."""

import click

from api.bench import access_cost, login_load
from api.bench.bare_product import TENANT_SETTING
from api.bench.scratch_shop import scratch_shop
from api.bench.served_app import load, serving
from ops.bench.figures import Figure, show, tell
from ops.settings import PREFIX, Settings

API = "api.wsgi:make"
BARE = "api.bench.bare_product:make"
#: What the bounds are of: µs, ms, a share of a request.
DECISION_US = 50.0
LIVE_P99_MS = 100.0
VALKEY_US = 1000.0
#: So many that nobody is told to wait.
_NO_LIMITS = {
    f"{PREFIX}LIMIT_{name}": "1000000000 per minute"
    for name in ("LOOKUPS", "SIGN_IN_ACCOUNT", "SIGN_IN_EVERYWHERE", "SIGN_IN_ADDRESS")
}


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0.5, max=60), default=10.0, show_default=True, help="Of each load."
)
@click.option("--connections", type=click.IntRange(1, 64), default=4, show_default=True, help="That stay open.")
@click.option("--valkey", "url", default="", help="Of a Valkey or Redis, to measure counting there, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def access(seconds: float, connections: int, url: str, as_json: bool) -> None:
    """Decisions, tokens, counting and signing in, beside their bounds. Needs the stack's PostgreSQL."""
    settings = Settings()
    tell("decisions")
    figures = {"decision_us": Figure.of(access_cost.decision_us(), DECISION_US, "µs, of at most")}
    with scratch_shop(settings) as shop:
        tell("tokens and counting, in this process")
        new, known = access_cost.token_us(shop)
        figures["token_us"] = Figure.of(new, known, "µs, beside one that is known")
        counting = access_cost.counting(shop)
        figures["counting_us"] = Figure.of(counting.counting_us, counting.request_us, "µs, of a request")
        if url:
            figures["counting_valkey_us"] = Figure.of(
                access_cost.counting(shop, url).counting_us, VALKEY_US, "µs, of at most"
            )
        paths = [f"/v1/products/{id_}" for id_ in shop.product_ids]
        authorization = f"Bearer {shop.token}"
        also = {**shop.environment, **_NO_LIMITS}
        with serving(settings, BARE, {**also, TENANT_SETTING: str(shop.tenant_id)}) as served:
            tell(f"bare Flask and psycopg: {connections} connections for {seconds:g} s")
            bare = load(served.port, paths, seconds, connections, authorization)
        with serving(settings, API, also) as served:
            tell("the API")
            ours = load(served.port, paths, seconds, connections, authorization)
            tell("the API, by handle in one locale")
            named = [f"/v1/products/by-handle/cheese-{number}?locale=en" for number in range(len(shop.product_ids))]
            by_handle = load(served.port, named, seconds, connections, authorization)
            tell(f"{login_load.AT_ONCE} sign in at once")
            signed_in = login_load.measure(served, shop, seconds)
        tell(f"in {signed_in.seconds:.1f} s were answered: {dict(signed_in.statuses)}")
    figures["reads_per_s"] = Figure.of(ours.per_s, bare.per_s, "reads/s")
    figures["reads_p50_ms"] = Figure.of(ours.p50_ms, bare.p50_ms, "ms")
    figures["reads_p99_ms"] = Figure.of(ours.p99_ms, bare.p99_ms, "ms")
    figures["by_handle_p99_ms"] = Figure.of(by_handle.p99_ms, bare.p99_ms, "ms, beside the bare view by id")
    figures["login_memory_mib"] = Figure.of(signed_in.grew_mib, login_load.most_growth_mib(), "MiB, of at most")
    figures["login_live_p99_ms"] = Figure.of(signed_in.live_p99_ms, LIVE_P99_MS, "ms, of at most")
    show(figures, as_json=as_json)
