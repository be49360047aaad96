"""Reads and writes what shops say of their search: `search_settings`, each with what it says as JSON."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg

from api.domain import state_events
from api.domain.changes import Decision, Versioned
from api.domain.errors import StaleVersion
from api.store import column_arrays
from api.store.aggregate_table import AggregateTable
from api.store.list_pages import NEWEST, OLDEST, ListTable, PageWanted
from schemas.events.search_setting import (
    AGGREGATE,
    Pin,
    Redirect,
    SearchRule,
    SearchSetting,
    SearchSettingDeleted,
    Synonyms,
    Target,
    Weighed,
)

_COLUMNS: Final = ("kind", "name", "locale", "active", "starts_at", "ends_at", "created_at", "updated_at")
_NAMES: Final = ", ".join(_COLUMNS)
#: In the column `says`.
_SAID: Final = ("synonyms", "stop_words", "redirect", "rule", "weights")
_SELECT: Final = f"SELECT version, says, id, {_NAMES} FROM search_settings WHERE tenant_id = %(tenant)s "  # noqa: S608

LIST: Final = ListTable[Versioned[SearchSetting]](
    name="search_settings",
    id="id",
    id_of=lambda held: held.value.id,
    filters={
        "kind": "kind = ANY (%(kind)s::text[])",
        "locale": "locale = %(locale)s::text",
        "active": "active = %(active)s::boolean",
    },
    sorts={"oldest": OLDEST, "newest": NEWEST},
)


class SearchSettingRows:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def get(self, setting_id: UUID) -> Versioned[SearchSetting] | None:
        return self.load([setting_id]).get(setting_id)

    def load(self, ids: Collection[UUID]) -> dict[UUID, Versioned[SearchSetting]]:
        found = self._rows("AND id = ANY (%(ids)s::uuid[])", ids=column_arrays.ids(ids))
        return {one.value.id: one for one in found}

    def hold(self, setting_id: UUID) -> Versioned[SearchSetting] | None:
        """Nobody else changes it before the transaction is over."""
        return next(iter(self._rows("AND id = %(id)s FOR UPDATE", id=setting_id)), None)

    def page(self, wanted: PageWanted) -> list[Versioned[SearchSetting]]:
        text, values = LIST.page(wanted)
        return self._rows(text, **values)

    def in_effect(self) -> list[SearchSetting]:
        """By the clock of the database, oldest first."""
        now = "(starts_at IS NULL OR starts_at <= now()) AND (ends_at IS NULL OR ends_at > now())"
        return [one.value for one in self._rows(f"AND active AND {now} ORDER BY id")]

    def count(self) -> int:
        row = self._connection.execute(
            "SELECT count(*) FROM search_settings WHERE tenant_id = %s", (self._tenant_id,)
        ).fetchone()
        return row[0] if row else 0

    def write(self, changes: Sequence[Decision[SearchSetting]]) -> None:
        """One after another: they are few."""
        for change in changes:
            if change.was_at == 0:
                self._insert(change)
            elif isinstance(change.happened[-1].event, SearchSettingDeleted):
                self._changed("DELETE FROM search_settings", change)
            else:
                columns = ", ".join(f"{name} = %({name})s" for name in _COLUMNS)
                self._changed(f"UPDATE search_settings SET version = %(version)s, says = %(says)s, {columns}", change)  # noqa: S608

    def _insert(self, change: Decision[SearchSetting]) -> None:
        values = ", ".join(f"%({name})s" for name in _COLUMNS)
        self._connection.execute(
            f"INSERT INTO search_settings (tenant_id, id, version, says, {_NAMES})"  # noqa: S608  # constants
            f" VALUES (%(tenant)s, %(id)s, %(version)s, %(says)s, {values})",
            self._given(change),
        )

    def _changed(self, statement: str, change: Decision[SearchSetting]) -> None:
        done = self._connection.execute(
            f"{statement} WHERE tenant_id = %(tenant)s AND id = %(id)s AND version = %(was_at)s",
            self._given(change),
        )
        if done.rowcount != 1:
            raise StaleVersion(change.was_at)

    def _given(self, change: Decision[SearchSetting]) -> dict[str, Any]:
        said = asdict(change.value)
        says = orjson.dumps({name: said[name] for name in _SAID}).decode()
        versions = {"version": change.version, "was_at": change.was_at}
        columns = {name: said[name] for name in _COLUMNS}
        return {"tenant": self._tenant_id, "id": change.aggregate_id, "says": says, **versions, **columns}

    def _rows(self, where: str, **values: Any) -> list[Versioned[SearchSetting]]:
        found = self._connection.execute(_SELECT + where, {"tenant": self._tenant_id, **values})
        return [Versioned(_of_row(row[1], row[2], row[3:]), row[0]) for row in found]


TABLE: Final = AggregateTable(
    aggregate=AGGREGATE,
    load=lambda connection, tenant_id, ids: SearchSettingRows(connection, tenant_id).load(ids),
    state=state_events.created_or_updated(AGGREGATE),
)


def _of_row(says: Mapping[str, Any], id_: UUID, columns: Sequence[Any]) -> SearchSetting:
    synonyms, redirect, rule = says["synonyms"], says["redirect"], says["rule"]
    kind, name, locale, active, starts_at, ends_at, created_at, updated_at = columns
    return SearchSetting(
        id=id_,
        kind=kind,
        name=name,
        locale=locale,
        active=active,
        starts_at=starts_at,
        ends_at=ends_at,
        synonyms=synonyms and Synonyms(typed=synonyms["typed"], words=tuple(synonyms["words"])),
        stop_words=tuple(says["stop_words"]),
        redirect=redirect and Redirect(queries=tuple(redirect["queries"]), url=redirect["url"]),
        rule=rule and _rule(rule),
        weights=says["weights"],
        created_at=created_at,
        updated_at=updated_at,
    )


def _rule(said: Mapping[str, Any]) -> SearchRule:
    pins = [Pin(product_id=UUID(pin["product_id"]), position=pin["position"]) for pin in said["pins"]]
    return SearchRule(
        query=said["query"],
        match=said["match"],
        category_id=said["category_id"] and UUID(said["category_id"]),
        priority=said["priority"],
        pins=tuple(pins),
        weighed=tuple(Weighed(**one) for one in said["weighed"]),
        hidden=tuple(Target(**one) for one in said["hidden"]),
    )
