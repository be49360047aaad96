"""Decides many changes one after another, each on what those before it made of the same thing, and saves them together.

They come to what the single commands would have come to, in the same order, with the same events; what refuses one
leaves the others alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final, Generic, TypeVar
from uuid import UUID

from pydantic import Field, StrictInt, ValidationError

from api.domain.changes import ANY_VERSION, Decision, Expected, Versioned
from api.domain.errors import Refused
from api.store.unit_of_work import Encoded, Rows, UnitOfWork
from api.use_cases.pages import MOST_ON_A_PAGE
from api.use_cases.require_found import found
from schemas.event_codec import InvalidEvent

T = TypeVar("T")
#: As many as a list shows at once.
MOST_AT_ONCE: Final = MOST_ON_A_PAGE
#: The largest number that JSON means the same everywhere.
_LATEST: Final = 2**53 - 1
#: What `If-Match` is for a single command.
Version = Annotated[
    Annotated[StrictInt, Field(ge=1, le=_LATEST)] | None,
    Field(description="The version that it is meant for; it is refused with 412 when it is another one by then."),
]


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a thing is after the item, or why nothing was done; `id` is None where it is not known."""

    id: UUID | None
    held: Versioned[T] | None = None
    why: Exception | None = None


class ChainedChanges(Generic[T]):
    """`held` is what is there of a `kind`, which nobody else changes meanwhile."""

    def __init__(self, work: UnitOfWork, kind: str, held: Mapping[UUID, Versioned[T]]) -> None:
        self._work = work
        self._kind = kind
        self._now = dict(held)
        self._chains: dict[UUID, Encoded[T]] = {}
        self._outcomes: list[Outcome[T]] = []

    def refuse(self, why: Exception | None) -> None:
        """The next item is about nothing that is known."""
        self._outcomes.append(Outcome(None, why=why))

    def decide(self, id_: UUID, version: int | None, decision: Callable[[Versioned[T]], Decision[T] | None]) -> None:
        """The next item; a decision that is None leaves the thing as it is."""
        try:
            held = found(self._now.get, self._kind, id_)
            (ANY_VERSION if version is None else Expected(frozenset({str(version)}))).require(held)
            change = decision(held)
            if change is not None:
                self._take(change)
        except (Refused, InvalidEvent, ValidationError) as why:
            self._outcomes.append(Outcome(id_, why=why))
            return
        self._outcomes.append(Outcome(id_, self._now[id_]))

    def save(self, rows: Rows[T]) -> list[Outcome[T]]:
        """The outcome of each item, in their order; where the database refuses a thing, of all items about it."""
        refused = self._work.save_all(rows, list(self._chains.values())) if self._chains else {}
        return [
            Outcome(one.id, why=refused[one.id]) if one.id in refused and one.why is None else one
            for one in self._outcomes
        ]

    def _take(self, change: Decision[T]) -> None:
        leaving = self._work.encode(change)
        id_ = change.aggregate_id
        if id_ in self._chains:
            before, left = self._chains[id_]
            chain = replace(change, was_at=before.was_at, happened=(*before.happened, *change.happened))
            self._chains[id_] = (chain, [*left, *leaving])
        else:
            self._chains[id_] = (change, leaving)
        self._now[id_] = change.now
