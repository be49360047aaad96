"""Reads and writes where a shop's goods lie: `locations`. One is the default, made when it is first needed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.changes import Versioned
from api.domain.errors import StaleVersion
from api.store import column_arrays
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy

#: What the first one is called until somebody says otherwise.
DEFAULT_NAME: Final = "Shop"
_SELECT: Final = (
    "SELECT l.id, l.version, l.name, l.position, l.is_default FROM locations l WHERE l.tenant_id = %(tenant)s "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Orders take from the location with the lowest position that has something."""

    id: UUID
    name: str
    position: int
    is_default: bool


LIST: Final = ListTable[Versioned[Location]](
    name="locations",
    id="l.id",
    id_of=lambda held: held.value.id,
    sorts={
        "oldest": OLDEST,
        "newest": NEWEST,
        "position": SortedBy("l.position", int, lambda held: held.value.position),
    },
)


class LocationRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, location_id: UUID) -> Versioned[Location] | None:
        row = self._connection.execute(
            _SELECT + "AND l.id = %(id)s", {"tenant": self._tenant_id, "id": location_id}
        ).fetchone()
        return None if row is None else _versioned(row)

    def default(self, new_id: UUID) -> Location:
        """The one that is meant when none is named; `new_id` is for when there is none yet."""
        found = self._default()
        if found is None:
            self._connection.execute(
                "INSERT INTO locations (tenant_id, id, version, name, position, is_default)"
                " VALUES (%s, %s, 1, %s, 0, true) ON CONFLICT DO NOTHING",
                (self._tenant_id, new_id, DEFAULT_NAME),
            )
            found = self._default()
        if found is None:
            raise AssertionError("a location was made and is not there")
        return found

    def by_name(self, names: Collection[str]) -> dict[str, UUID]:
        found = self._connection.execute(
            "SELECT name, id FROM locations WHERE tenant_id = %s AND name = ANY (%s::text[])",
            (self._tenant_id, column_arrays.texts(names)),
        )
        return dict(found.fetchall())

    def page(self, wanted: PageWanted) -> list[Versioned[Location]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def is_first(self) -> bool:
        """Whether the shop has none yet."""
        return self._default() is None

    def add(self, location: Location) -> Versioned[Location]:
        self._connection.execute(
            "INSERT INTO locations (tenant_id, id, version, name, position, is_default) VALUES (%s, %s, 1, %s, %s, %s)",
            (self._tenant_id, location.id, location.name, location.position, location.is_default),
        )
        return Versioned(location, 1)

    def change(self, held: Versioned[Location], location: Location) -> Versioned[Location]:
        """Its name and position. Raises `StaleVersion` when it is not as it was."""
        updated = self._connection.execute(
            "UPDATE locations SET version = version + 1, name = %s, position = %s"
            " WHERE tenant_id = %s AND id = %s AND version = %s",
            (location.name, location.position, self._tenant_id, location.id, held.version),
        )
        if updated.rowcount != 1:
            raise StaleVersion(held.version)
        return Versioned(location, held.version + 1)

    def _default(self) -> Location | None:
        row = self._connection.execute(_SELECT + "AND l.is_default", {"tenant": self._tenant_id}).fetchone()
        return None if row is None else _versioned(row).value


def _versioned(row: Sequence[Any]) -> Versioned[Location]:
    location_id, version, name, position, is_default = row
    return Versioned(Location(id=location_id, name=name, position=position, is_default=is_default), version)
