"""Writes down what is asked for, and reads what became of it: the table `rebuild_requests`, a row per read model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, Final

import psycopg

from sinks.rebuild.held_locks import is_held
from sinks.rebuild.one_rebuild import LOCK
from sinks.rebuild.progress import PartitionProgress, Progress
from sinks.rebuild.rebuild_request import ENDING, RebuildRequest, State

_NAMES: Final = tuple(one.name for one in fields(RebuildRequest))
COLUMNS: Final = ", ".join(_NAMES)
# What was paused says still how far it was.
_ASK: Final = """
    INSERT INTO rebuild_requests (model, id, action, hold, source, tenants, build, state, asked_by, asked_at)
    VALUES (%(model)s, %(id)s, %(action)s, %(hold)s, %(source)s, %(tenants)s, %(build)s, 'waiting', %(asked_by)s,
        %(asked_at)s)
    ON CONFLICT (model) DO UPDATE SET
        id = excluded.id, action = excluded.action, hold = excluded.hold,
        source = excluded.source, tenants = excluded.tenants, build = excluded.build, state = 'waiting',
        asked_by = excluded.asked_by, asked_at = excluded.asked_at, attempts = 0, tried_at = NULL, begun_at = NULL,
        ended_at = NULL, report = NULL, detail = '', step = '',
        progress = CASE WHEN excluded.action = 'pause' THEN rebuild_requests.progress END
"""
# What ends others is to be carried out even when it has not begun: somebody else may be at it.
_END_WAITING: Final = f"""
    UPDATE rebuild_requests SET state = %(state)s, ended_at = now(), detail = 'Nobody had begun it.'
    WHERE id = %(id)s AND state = 'waiting' AND NOT action = ANY (%(ending)s) AND NOT {is_held(LOCK, "model")}
"""  # noqa: S608  # literals


class RequestRows:
    """As the platform, or as the keeper: nobody else sees a row."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def get(self, model: str) -> RebuildRequest | None:
        return next(iter(self._some("WHERE model = %(model)s", {"model": model})), None)

    def all(self) -> list[RebuildRequest]:
        return self._some("ORDER BY model", {})

    def ask(self, request: RebuildRequest) -> None:
        """It takes the place of what was asked of this model before."""
        names = ("model", "id", "action", "hold", "source", "tenants", "build", "asked_by", "asked_at")
        self._connection.execute(_ASK, {name: getattr(request, name) for name in names})

    def end_before_it_began(self, request: RebuildRequest, state: State) -> RebuildRequest | None:
        """As it is then; None when somebody has begun it, or has begun another by the command."""
        values = {"id": request.id, "state": state, "ending": sorted(ENDING)}
        if self._connection.execute(_END_WAITING.encode(), values).rowcount != 1:
            return None
        return self.get(request.model)

    def is_rebuilt(self, model: str) -> bool:
        """Whether somebody rebuilds it just now, or leads its readers elsewhere: here, or by the command."""
        query = f"SELECT {is_held(LOCK, '%(model)s')}"
        row = self._connection.execute(query.encode(), {"model": model}).fetchone()
        return row is not None and bool(row[0])

    def _some(self, which: str, values: Mapping[str, Any]) -> list[RebuildRequest]:
        return read(self._connection.execute(f"SELECT {COLUMNS} FROM rebuild_requests {which}".encode(), values))  # noqa: S608


def read(rows: Iterable[Sequence[Any]]) -> list[RebuildRequest]:
    """Of `COLUMNS`."""
    found = [dict(zip(_NAMES, row, strict=True)) for row in rows]
    return [RebuildRequest(**{**one, "progress": _progress(one["progress"])}) for one in found]


def as_json(progress: Progress) -> dict[str, Any]:
    return asdict(progress) | {"done": progress.done}


def _progress(kept: Mapping[str, Any] | None) -> Progress | None:
    if kept is None:
        return None
    return Progress(tuple(PartitionProgress(**one) for one in kept["partitions"]), kept["left_s"])
