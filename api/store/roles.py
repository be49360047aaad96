"""Reads and writes the roles of a shop's own making: `roles`, with what they grant in `role_grants`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from api.domain.changes import Versioned
from api.domain.errors import StaleVersion
from api.domain.permissions import Grant
from api.store import column_arrays, stored_grants
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted, SortedBy

_SELECT: Final = f"""
    SELECT r.id, r.version, r.name, (
        SELECT jsonb_agg({stored_grants.AS_LIST} ORDER BY g.position)
        FROM role_grants g WHERE g.tenant_id = r.tenant_id AND g.role_id = r.id
    )
    FROM roles r WHERE r.tenant_id = %(tenant)s
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRole:
    """A role that a shop has made."""

    id: UUID
    name: str
    grants: tuple[Grant, ...]


LIST: Final = ListTable[Versioned[MadeRole]](
    name="roles",
    id="r.id",
    id_of=lambda held: held.value.id,
    sorts={"oldest": OLDEST, "newest": NEWEST, "name": SortedBy("r.name", str, lambda held: held.value.name)},
)


class RoleRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, role_id: UUID) -> Versioned[MadeRole] | None:
        return self.load([role_id]).get(role_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[MadeRole]]:
        found = self._connection.execute(
            _SELECT + "AND r.id = ANY (%(ids)s::uuid[])", {"tenant": self._tenant_id, "ids": column_arrays.ids(ids)}
        )
        return {row[0]: _versioned(row) for row in found}

    def by_name(self, name: str) -> Versioned[MadeRole] | None:
        found = self._connection.execute(
            _SELECT + "AND r.name = %(name)s", {"tenant": self._tenant_id, "name": name}
        ).fetchone()
        return None if found is None else _versioned(found)

    def page(self, wanted: PageWanted) -> list[Versioned[MadeRole]]:
        text, values = LIST.page(wanted)
        found = self._connection.execute(_SELECT + text, {"tenant": self._tenant_id, **values})
        return [_versioned(row) for row in found]

    def add(self, role: MadeRole) -> Versioned[MadeRole]:
        self._connection.execute(
            "INSERT INTO roles (tenant_id, id, version, name) VALUES (%s, %s, 1, %s)",
            (self._tenant_id, role.id, role.name),
        )
        self._insert_grants(role)
        return Versioned(role, 1)

    def change(self, held: Versioned[MadeRole], role: MadeRole) -> Versioned[MadeRole]:
        """Raises `StaleVersion` when it is not as it was."""
        updated = self._connection.execute(
            "UPDATE roles SET version = version + 1, name = %s WHERE tenant_id = %s AND id = %s AND version = %s",
            (role.name, self._tenant_id, role.id, held.version),
        )
        if updated.rowcount != 1:
            raise StaleVersion(held.version)
        self._connection.execute(
            "DELETE FROM role_grants WHERE tenant_id = %s AND role_id = %s", (self._tenant_id, role.id)
        )
        self._insert_grants(role)
        return Versioned(role, held.version + 1)

    def remove(self, role_id: UUID) -> None:
        self._connection.execute("DELETE FROM roles WHERE tenant_id = %s AND id = %s", (self._tenant_id, role_id))

    def _insert_grants(self, role: MadeRole) -> None:
        for position, grant in enumerate(role.grants):
            self._connection.execute(
                "INSERT INTO role_grants (tenant_id, role_id, position, resource, actions, scope, conditions)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    self._tenant_id,
                    role.id,
                    position,
                    grant.resource,
                    sorted(grant.actions),
                    stored_grants.scope_text(grant),
                    Jsonb(stored_grants.conditions_list(grant)),
                ),
            )


def _versioned(row: Sequence[Any]) -> Versioned[MadeRole]:
    role_id, version, name, grants = row
    return Versioned(MadeRole(id=role_id, name=name, grants=stored_grants.grants_of(grants)), version)
