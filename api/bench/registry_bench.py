"""Measures reads of a schema by its id from one process, beside the same server with a fixed answer.

A third way is measured beside them: the latest version of a subject, which is asked of PostgreSQL every time.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import click
import httpx

from api.bench.served_app import HOST, load, serving
from api.domain.permissions import Role
from api.domain.scope import Actor
from api.http.tokens import AccessTokens
from ops.bench.figures import Figure, show, tell
from ops.failure import Failure
from ops.settings import Settings

REGISTRY: Final = "api.wsgi:make_registry"
FIXED: Final = "api.bench.fixed_answer:make"


@click.command()
@click.option(
    "--seconds", type=click.FloatRange(min=0.5, max=60), default=10.0, show_default=True, help="Of each load."
)
@click.option("--connections", type=click.IntRange(1, 64), default=8, show_default=True, help="That stay open.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def registry(seconds: float, connections: int, as_json: bool) -> None:
    """Reads of schemas by id from one process, beside a fixed answer. Needs the stack's PostgreSQL."""
    settings = Settings()
    authorization = _authorization(settings)
    with serving(settings, FIXED) as served:
        tell(f"a fixed answer: {connections} connections for {seconds:g} s")
        fixed = load(served.port, ["/schemas/ids/1"], seconds, connections, authorization)
    with serving(settings, REGISTRY) as served:
        paths = _ids(served.port, authorization)
        tell(f"schemas by id: {len(paths)} of them")
        by_id = load(served.port, paths, seconds, connections, authorization)
        tell("the latest version of a subject")
        latest = load(served.port, ["/subjects/order.placed/versions/latest"], seconds, connections, authorization)
    show(
        {
            "reads_per_s": Figure.of(by_id.per_s, fixed.per_s, "reads/s"),
            "reads_p50_ms": Figure.of(by_id.p50_ms, fixed.p50_ms, "ms"),
            "reads_p99_ms": Figure.of(by_id.p99_ms, fixed.p99_ms, "ms"),
            "latest_per_s": Figure.of(latest.per_s, fixed.per_s, "reads/s"),
            "latest_p99_ms": Figure.of(latest.p99_ms, fixed.p99_ms, "ms"),
        },
        as_json=as_json,
    )


def _authorization(settings: Settings) -> str:
    actor = Actor(tenant_id=None, tenant_slug=None, actor_id="bench", role=Role.SERVICE)
    try:
        tokens = AccessTokens(settings.token_key.get_secret_value(), settings.service_key.get_secret_value())
    except ValueError as short:
        raise Failure(str(short), "`rustok up` makes a key when there is none.") from short
    return "Bearer " + tokens.issue(actor, now=datetime.now(UTC), valid=timedelta(hours=1))


def _ids(port: int, authorization: str) -> list[str]:
    answer = httpx.get(f"http://{HOST}:{port}/schemas?subjectPrefix=", headers={"Authorization": authorization})
    if answer.is_error:
        raise Failure(f"The registry answers {answer.status_code}.", "Run `rustok up`, or `rustok api migrate`.")
    return [f"/schemas/ids/{one['id']}" for one in answer.json()][:100]
