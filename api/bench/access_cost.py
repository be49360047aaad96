"""Times in this process what lets somebody in: the decision, the signature of a token, and the counting of requests."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, Final
from uuid import uuid4

from flask import Flask

from api.bench.scratch_shop import ScratchShop
from api.domain.conditions import Condition, Op, Surroundings
from api.domain.permissions import Grant, Role, Scope
from api.domain.scope import Actor
from api.http.limits.counters import Counters
from api.http.limits.quotas import quotas
from api.http.limits.shared_counters import SharedCounters
from api.wsgi import now

_ROUNDS: Final = 9
_DECISIONS: Final = 2000
_TOKENS: Final = 500
_REQUESTS: Final = 300
_ROLES: Final = 20


def decision_us() -> float:
    """Of somebody with as many roles as anybody can have, whose grants of the permission have three conditions each."""
    when = (
        Condition("status", Op.IN, ("cancelled", "paid")),
        Condition("total", Op.LTE, (10_000,), "EUR"),
        Condition("time", Op.BETWEEN, ("00:00", "23:59")),
    )
    grants = tuple(
        Grant(resource, frozenset({"read", "list", "update"}), Scope.ALL, when if number == 0 else ())
        for number in range(_ROLES)
        for resource in (("orders", "analytics") if number == 0 else ("products", "categories"))
    )
    clerk = Actor(tenant_id=uuid4(), tenant_slug="shop", actor_id="carl", role=Role.STAFF, grants=grants)
    around = Surroundings(at=now())
    return _each_us(lambda: clerk.reach("orders:update", around), _DECISIONS)


def token_us(shop: ScratchShop) -> tuple[float, float]:
    """To check one with a published key for the first time, and to know it again."""
    owner = Actor(tenant_id=shop.tenant_id, tenant_slug=shop.slug, actor_id="owner", role=Role.ADMIN)
    many = iter(
        [
            shop.tokens.issue(owner, now=now(), valid=timedelta(minutes=10, seconds=number))
            for number in range((_ROUNDS + 1) * _TOKENS)
        ]
    )
    return _each_us(lambda: shop.tokens.read(next(many)), _TOKENS), _each_us(
        lambda: shop.tokens.read(shop.token), _TOKENS
    )


@dataclass(frozen=True, slots=True)
class Counting:
    """Of one read of a product, in this process, without the server around it."""

    counting_us: float
    request_us: float


def counting(shop: ScratchShop, url: str = "") -> Counting:
    """How much of a request counting takes; with `url` in Valkey or Redis."""
    shared = SharedCounters(url) if url else None
    counters = Counters(quotas(shop.settings), shared=shared)
    app = shop.app(counters)
    spent = _time_limits(app)
    client = app.test_client()
    headers = {"Authorization": f"Bearer {shop.token}"}
    paths = [f"/v1/products/{id_}" for id_ in shop.product_ids]
    client.get(paths[0], headers=headers)
    counted, lasted = [], []
    for path in (paths * (_REQUESTS // len(paths)))[:_REQUESTS]:
        spent.clear()
        began = time.perf_counter()
        client.get(path, headers=headers)
        lasted.append(time.perf_counter() - began)
        counted.append(sum(spent))
    counters.close()
    return Counting(median(counted) * 1e6, median(lasted) * 1e6)


def _time_limits(app: Flask) -> list[float]:
    """What each function that limits requests takes, as it is called."""
    spent: list[float] = []
    every: list[dict[Any, list[Any]]] = [app.before_request_funcs, app.after_request_funcs]
    for hooks in every:
        for functions in hooks.values():
            functions[:] = [_timed(one, spent) if _limits(one) else one for one in functions]
    return spent


def _limits(function: Callable[..., Any]) -> bool:
    called = function.func if isinstance(function, partial) else function
    return called.__module__.startswith(("flask_limiter", "api.http.limits"))


def _timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def timed(*arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    return timed


def _each_us(do: Callable[[], object], times: int) -> float:
    """The median of the rounds, after one that counts for nothing."""
    return median(sorted(_rounds(do, times))) * 1e6


def _rounds(do: Callable[[], object], times: int) -> Iterator[float]:
    for number in range(_ROUNDS + 1):
        began = time.perf_counter()
        for _ in range(times):
            do()
        if number:
            yield (time.perf_counter() - began) / times
