"""Says whether a process is well: for supervisors, load balancers and Prometheus.

A process is asked for what it needs: one that serves the registry alone has nothing to do with read models.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

import structlog
from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel

from api.http.answer_words import in_words
from api.http.dependencies import Dependencies, dependencies
from api.http.security import public
from ops import metrics
from sinks.sink import Unavailable

Needs = Mapping[str, Callable[[Dependencies], object]]

#: Without these nothing works.
REGISTRY_NEEDS: Final[Needs] = {"postgres": lambda own: own.store.ping()}
#: `schemas`: what the code writes has its ids, so that commands work. `keys`: tokens can be signed.
API_NEEDS: Final[Needs] = {
    **REGISTRY_NEEDS,
    "schemas": lambda own: own.store.encoder(),
    "keys": lambda own: own.tokens.require_signer(),
}
#: Without these a part does not.
READ_MODELS: Final[Needs] = {
    "log": lambda own: _no_gap(own.store.open_gaps()),
    "search": lambda own: own.search.ping(),
    "pages": lambda own: own.pages.ping(),
    "sales": lambda own: own.sales.ping(),
    "searches": lambda own: own.searches.ping(),
}
_WHY: Final = "asked by supervisors; says nothing about any tenant"
_log = structlog.get_logger(__name__)


class Check(BaseModel):
    ok: bool
    detail: str


class HealthBody(BaseModel):
    """`degraded`: commands work; a read model does not answer, or events may be missing."""

    status: str
    checks: dict[str, Check]


def _no_gap(open_gaps: Sequence[str]) -> None:
    if open_gaps:
        raise Unavailable(f"a gap is open, events may be missing: {'; '.join(open_gaps)}")


def health(needs: Needs, read_models: Needs) -> APIBlueprint:
    made = APIBlueprint("health", __name__, tag="Health")

    @made.get("/health/live")
    @public(_WHY)
    @made.output(HealthBody)
    def live() -> HealthBody:
        """The process answers"""
        return HealthBody(status="live", checks={})

    @made.get("/health/ready")
    @public(_WHY)
    @made.output(HealthBody)
    def ready() -> tuple[HealthBody, int]:
        """Everything it needs answers: 503 without Postgres or schemas, `degraded` without a read model"""
        needed, wished = _checks(needs), _checks(read_models)
        checks = {**needed, **wished}
        if not all(check.ok for check in needed.values()):
            return HealthBody(status="not ready", checks=checks), HTTPStatus.SERVICE_UNAVAILABLE
        status = "ready" if all(check.ok for check in wished.values()) else "degraded"
        return HealthBody(status=status, checks=checks), HTTPStatus.OK

    @made.get("/metrics")
    @public("scraped by Prometheus; no tenant is a label")
    @made.doc(responses=in_words("Prometheus's text format", "text/plain"))
    def show_metrics() -> Response:
        """What is counted in this process and its siblings"""
        text, content_type = metrics.exposition("api")
        return Response(text, content_type=content_type)

    return made


def _checks(needs: Needs) -> dict[str, Check]:
    own = dependencies()
    return {name: _check(name, ask, own) for name, ask in needs.items()}


def _check(name: str, ask: Callable[[Dependencies], object], own: Dependencies) -> Check:
    found = own.readiness.check(name, partial(ask, own))
    if not found.ok:
        _log.info("not_ready", check=name, reason=found.detail)
    return Check(ok=found.ok, detail=found.detail)
