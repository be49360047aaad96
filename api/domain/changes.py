"""What a decision hands to the store: the aggregate as it is now, and the events that tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar
from uuid import UUID

from api.domain.errors import VersionMismatch

T = TypeVar("T")


class Event(Protocol):
    """An object of the newest class of an event: any that a History of an aggregate ends with."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """An aggregate as it is committed. `version` counts its changes from 1."""

    value: T
    version: int


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions a command is meant for; None is any."""

    versions: frozenset[str] | None = None

    def require(self, held: Versioned[Any]) -> None:
        """Raises `VersionMismatch` when this is another version."""
        if self.versions is not None and str(held.version) not in self.versions:
            raise VersionMismatch(f"It is at version {held.version} now.")


ANY_VERSION: Final = Expected()


@dataclass(frozen=True, slots=True)
class DatedEvent:
    """An event and when it happened in the shop."""

    event: Event
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[T]):
    """One aggregate changed. `was_at` is the version the decision was made on, 0 for a new aggregate.

    Each event is one version. `fingerprint` is set by imports only: it stands for the whole item that was imported.
    """

    aggregate_id: UUID
    value: T
    happened: tuple[DatedEvent, ...]
    was_at: int = 0
    fingerprint: bytes | None = None

    @property
    def version(self) -> int:
        return self.was_at + len(self.happened)

    @property
    def now(self) -> Versioned[T]:
        return Versioned(self.value, self.version)
