"""Is it well? For supervisors, load balancers and Prometheus."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

import structlog
from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel

from api.dependencies import dependencies
from api.security import public
from api.store.errors import StoreDown
from ops import metrics
from sinks.sink import Unavailable

health = APIBlueprint("health", __name__, tag="Health")
_WHY: Final = "asked by supervisors; says nothing about any tenant"
_log = structlog.get_logger(__name__)


class Check(BaseModel):
    ok: bool
    detail: str


class Health(BaseModel):
    """`degraded`: commands work, a read model does not answer yet."""

    status: str
    checks: dict[str, Check]


@health.get("/health/live")
@public(_WHY)
@health.output(Health)
def live() -> Health:
    """The process answers"""
    return Health(status="live", checks={})


@health.get("/health/ready")
@public(_WHY)
@health.output(Health)
def ready() -> tuple[Health, int]:
    """Everything it needs answers: 503 without Postgres, `degraded` without a read model"""
    own = dependencies()
    checks = {
        "postgres": _check("postgres", own.store.ping),
        "search": _check("search", own.search.ping),
        "sales": _check("sales", own.sales.ping),
    }
    if not checks["postgres"].ok:
        return Health(status="not ready", checks=checks), HTTPStatus.SERVICE_UNAVAILABLE
    status = "ready" if all(check.ok for check in checks.values()) else "degraded"
    return Health(status=status, checks=checks), HTTPStatus.OK


@health.get("/metrics")
@public("scraped by Prometheus; no tenant is a label")
@health.doc(hide=True)
def show_metrics() -> Response:
    text, content_type = metrics.exposition()
    return Response(text, content_type=content_type)


def _check(name: str, ask: Callable[[], None]) -> Check:
    try:
        ask()
    except (StoreDown, Unavailable) as down:
        _log.info("not_ready", check=name, reason=str(down))
        return Check(ok=False, detail=str(down))
    return Check(ok=True, detail="answers")
