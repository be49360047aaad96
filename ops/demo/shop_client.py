"""Talks to a shop over the documented HTTP API, with that shop's token, and patiently.

A server that is being restarted (a refused connection, 503) is asked again for a while. Nothing is done twice by that:
commands bring an idempotency key, and imports know what they have by its external id.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import httpx

from ops.failure import Failure

Answer = Mapping[str, Any]

_PATIENCE_S: Final = 120.0
_REFUSED: Final = frozenset({402, 409, 422})
_NOT_NOW: Final = frozenset({429, 502, 503, 504})


class ShopRefused(Failure):
    """What was asked for is not possible as things are: `402`, `409`, `422`."""


class Shop:
    """One tenant, or with a platform token the platform itself. Safe to share between threads."""

    def __init__(self, api_url: str, slug: str, token: str) -> None:
        self.slug = slug
        self._client = httpx.Client(
            base_url=api_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60.0,
            limits=httpx.Limits(max_connections=8),
        )

    def get(self, path: str, **parameters: Any) -> Answer:
        return self._ask("GET", path, params={name: value for name, value in parameters.items() if value is not None})

    def post(self, path: str, body: Answer) -> Answer:
        """With an idempotency key of its own: asked again because the answer was lost, it is done once."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def post_unless_refused(self, path: str, body: Answer) -> Answer | None:
        """None where the shop says no: `402`, `409`, `422`."""
        try:
            return self.post(path, body)
        except ShopRefused:
            return None

    def put(self, path: str, body: Answer) -> Answer:
        return self._ask("PUT", path, json=body)

    def pages(self, path: str, **parameters: Any) -> Iterator[Answer]:
        """Every item, page after page."""
        cursor = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **parameters)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def patch(self, path: str, body: Answer) -> Answer:
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> Answer:
        return self._ask("DELETE", path)

    def take_in(self, kind: str, items: Sequence[Answer]) -> Answer:
        """Imports up to 500 items; raises `Failure` when one was refused."""
        answer = self.post(f"/v1/imports/{kind}", {"items": list(items)})
        for item in answer["items"]:
            if item["outcome"] == "refused":
                raise Failure(
                    f"{self.slug}: {kind} {item['external_id']} was refused: {item['problem']}",
                    "The source data and the API's rules do not agree; see docs/http-api.md for the rules.",
                )
        return answer

    def close(self) -> None:
        self._client.close()

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                response = self._client.request(method, path, **request)
            except httpx.TransportError as lost:
                why = f"{type(lost).__name__}: {lost}"
            else:
                if response.status_code not in _NOT_NOW:
                    return _checked(response)
                why = f"it answers {response.status_code}"
            if time.monotonic() > deadline:
                raise Failure(f"The API did not answer {method} {path} for {_PATIENCE_S:.0f} s: {why}.", _REMEDY)
            time.sleep(random.uniform(0.1, 0.5))  # noqa: S311  # spreads retries, keeps no secret


_REMEDY: Final = "`rustok status` shows what is down and `rustok up` starts it; then run the demo again."


def as_of(answer: Answer) -> datetime | None:
    told = answer["as_of"]
    return None if told is None else datetime.fromisoformat(told)


def await_younger(shop: Shop, moment: datetime, patience_s: float) -> None:
    """Both read models say how fresh they are; when both are younger than `moment`, all committed before is in them."""
    deadline = time.monotonic() + patience_s
    for path in ("/v1/search/products", "/v1/analytics/sales"):
        while (fresh := as_of(shop.get(path))) is None or fresh < moment:
            if time.monotonic() > deadline:
                raise Failure(f"{path} is as of {fresh} still.", "`rustok status` shows which feed is behind.")
            time.sleep(0.2)


def _checked(response: httpx.Response) -> Answer:
    if response.is_error:
        problem = response.json() if "json" in response.headers.get("content-type", "") else {}
        told = problem.get("detail") or problem.get("title") or response.text[:200]
        kind = ShopRefused if response.status_code in _REFUSED else Failure
        raise kind(
            f"{response.request.method} {response.request.url.path} gave {response.status_code}: {told}",
            f"Its trace id is {problem.get('trace_id', 'unknown')}; the API's log has the line.",
        )
    answer: Answer = response.json()
    return answer
