"""Keeps an index readable as it is at one moment, for who reads on page by page while others write to it.

OpenSearch holds few of them, three hundred a node unless it is told otherwise, and what they show takes up disk: so
nobody holds more than their part, and who reads on no more for some minutes has to begin anew.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from opensearchpy import OpenSearch, exceptions

from sinks.opensearch.opensearch_client import asking
from sinks.opensearch.point_holders import Holder, PointHolders
from sinks.opensearch.search_answers import NOT_OURS, search_answer
from sinks.sink import Unavailable

#: Between one page and the next; a walk that ends before is closed at once.
KEPT_S: Final = 120
_KEEP_ALIVE: Final = f"{KEPT_S}s"
_TOO_MANY: Final = 429


class PointLost(Exception):
    """It was read to its end, or by nobody for too long, or its index is gone."""


class PointsTaken(Exception):
    """The holder, their shop or all together hold as many as they may."""


class PointsInTime:
    """Each method may raise `Unavailable`. A point has an `id` of ours, and one of OpenSearch's, which is long."""

    def __init__(self, client: OpenSearch, holders: PointHolders) -> None:
        self._client = client
        self._holders = holders

    def open(self, id: UUID, index: str, routing: str, holder: Holder) -> str:  # noqa: A002
        """The point as OpenSearch calls it. Raises `PointsTaken`."""
        if not self._holders.take(id, holder):
            self._holders.keep_only(self._there())
            if not self._holders.take(id, holder):
                raise PointsTaken
        try:
            point = self._opened(index, routing)
        except (PointsTaken, Unavailable):
            self._holders.release(id)
            raise
        self._holders.hold(id, holder, point)
        return point

    def search(self, id: UUID, point: str, body: Mapping[str, Any], holder: Holder) -> dict[str, Any]:  # noqa: A002
        """Raises `PointLost`."""
        asked = {**body, "pit": {"id": point, "keep_alive": _KEEP_ALIVE}}
        with asking():
            try:
                answer = self._client.search(body=asked)
            except exceptions.NotFoundError as gone:
                self._holders.release(id)
                raise PointLost from gone
        self._holders.hold(id, holder, point)
        return search_answer(answer, body)

    def close(self, id: UUID, point: str) -> None:  # noqa: A002
        """It ends by itself where OpenSearch does not answer."""
        with suppress(Unavailable), asking():
            self._client.delete_pit(body={"pit_id": [point]})
        self._holders.release(id)

    def _opened(self, index: str, routing: str) -> str:
        params = {"keep_alive": _KEEP_ALIVE, "routing": routing, "allow_partial_pit_creation": "false"}
        with asking():
            try:
                answer = self._client.create_pit(index=index, params=params)
            except exceptions.TransportError as refused:
                if refused.status_code == _TOO_MANY:
                    raise PointsTaken from refused
                raise
        point = answer.get("pit_id") if isinstance(answer, dict) else None
        if not isinstance(point, str):
            raise Unavailable(NOT_OURS)
        return point

    def _there(self) -> frozenset[str]:
        """All that OpenSearch has, whoever opened them."""
        with asking():
            answer = self._client.get_all_pits()
        points = answer.get("pits") if isinstance(answer, dict) else None
        if not isinstance(points, list):
            raise Unavailable(NOT_OURS)
        return frozenset(str(one.get("pit_id")) for one in points if isinstance(one, dict))
