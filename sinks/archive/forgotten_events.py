"""Takes out of the archive what may not stay: all of a shop that was erased, and whose an order was.

What is in the live file goes in the transaction that archives the event that says so. What is in Parquet already goes
before the next publishing, in new files; the old ones go an hour later. What comes late is treated alike.
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from sinks.archive import event_rows
from sinks.archive.event_rows import COLUMNS, CUSTOMER_FORGOTTEN, ORDER, SHOP_ERASED, Row
from sinks.archive.live_rows import KEY, LiveRows, key_of, same
from sinks.duckdb.parquet_parts import ParquetParts

ERASED: Final = {"tenant_id": "UUID", "epoch": "INTEGER", "is_done": "BOOLEAN"}
FORGOTTEN: Final = {**KEY, "epoch": "INTEGER", "version": "BIGINT", "customer_ref": "VARCHAR", "is_done": "BOOLEAN"}
_OF_ERASED: Final = f"""
    EXISTS (FROM erased WHERE NOT erased.is_done AND erased.tenant_id = event.tenant_id
            AND event.epoch <= erased.epoch AND event.type <> '{SHOP_ERASED}')
"""
_OLDER: Final = f"""
    {same("forgotten", "event")}
    AND (event.epoch < forgotten.epoch OR (event.epoch = forgotten.epoch AND event.version < forgotten.version))
"""
_OF_FORGOTTEN: Final = f"EXISTS (FROM forgotten WHERE NOT forgotten.is_done AND {_OLDER})"
_NAMES: Final = ", ".join(COLUMNS)

Change = Callable[[Row], Row | None]


class ForgottenEvents:
    def __init__(self, rows: LiveRows, parts: ParquetParts) -> None:
        self._rows = rows
        self._parts = parts
        self._erased: dict[UUID, int] = {}

    def open(self) -> None:
        self._rows.make("erased", ERASED)
        self._rows.make("forgotten", FORGOTTEN)
        self.look_again()

    def look_again(self) -> None:
        """After a transaction that failed."""
        self._erased = dict(self._rows.run("SELECT tenant_id, epoch FROM erased"))

    def is_gone(self, tenant_id: UUID, epoch: int) -> bool:
        """Whether the shop was erased in this epoch or a later one."""
        return epoch <= self._erased.get(tenant_id, -1)

    def note(self, arrived: Sequence[Row]) -> None:
        """In the transaction in which these came: what they take with them, and what was to be taken out of them."""
        for row in (row for row in arrived if row["type"] == SHOP_ERASED):
            self._erase(row["tenant_id"], row["epoch"])
        forgotten = [
            {name: row[name] for name in (*KEY, "epoch", "version")}
            | {"customer_ref": event_rows.customer_of(row), "is_done": False}
            for row in arrived
            if row["type"] == CUSTOMER_FORGOTTEN
        ]
        newest = {key_of(one): one for one in sorted(forgotten, key=lambda one: (one["epoch"], one["version"]))}
        if newest:
            self._rows.remove("forgotten", newest)
            self._rows.insert("forgotten", FORGOTTEN, list(newest.values()))
        if arrived and self._rows.run("SELECT 1 FROM forgotten LIMIT 1"):
            late = f"EXISTS (FROM forgotten WHERE {_OLDER}) AND event.archive_no >= {arrived[0]['archive_no']:d}"
            self.alter_recent(f"({late}) OR {_OF_FORGOTTEN}", self._anonymised())

    def carry_out(self) -> bool:
        """In the files; whether any was to be made anew."""
        due = self._rows.run(
            "SELECT 1 FROM erased WHERE NOT is_done UNION ALL SELECT 1 FROM forgotten WHERE NOT is_done"
        )
        if not due:
            return False
        altered = self.alter_parts(_OF_ERASED, lambda row: None)
        altered |= self.alter_parts(_OF_FORGOTTEN, self._anonymised())
        self._rows.run("UPDATE erased SET is_done = true; UPDATE forgotten SET is_done = true")
        return altered

    def alter_recent(self, where: str, change: Change) -> None:
        """Changes (or, with None, removes) the rows of the live file that `where` finds, as `event`."""
        found = self._found("events", where)
        if found:
            numbers = ", ".join(str(row["archive_no"]) for row in found)
            self._rows.run(f"DELETE FROM events WHERE archive_no IN ({numbers})")
            self._rows.insert("events", COLUMNS, [row for row in map(change, found) if row is not None])

    def alter_parts(self, where: str, change: Change) -> bool:
        """The same in the files; whether there were any such rows."""
        of_all = self._parts.of("events")
        if not of_all:
            return False
        names = self._rows.run(
            "SELECT DISTINCT parse_filename(filename)"
            f" FROM {self._parts.read(of_all, 'filename = true')} AS event WHERE {where}"
        )
        for part in (part for part in of_all if (part.name,) in names):
            there = self._parts.read([part])
            found = self._found(there, where)
            self._rows.stage_rows("altered", COLUMNS, [row for row in map(change, found) if row is not None])
            self._rows.stage("removed", {"no": "BIGINT"}, {"no": [row["archive_no"] for row in found]})
            self._parts.write(
                "events",
                f"SELECT {_NAMES} FROM {there} WHERE archive_no NOT IN (SELECT no FROM removed)"
                f" UNION ALL SELECT {_NAMES} FROM altered ORDER BY {ORDER}",
                replaces=[part],
                tier=part.tier,
            )
        return bool(names)

    def _found(self, table: str, where: str) -> list[Row]:
        columns = ", ".join(f"event.{name}" for name in COLUMNS)
        found = self._rows.run(f"SELECT {columns} FROM {table} AS event WHERE {where}")
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    def _anonymised(self) -> Change:
        refs = {
            (tenant_id, aggregate, id_): ref
            for tenant_id, aggregate, id_, ref in self._rows.run(
                "SELECT tenant_id, aggregate, aggregate_id, customer_ref FROM forgotten"
            )
        }
        return lambda row: event_rows.anonymised(row, refs[key_of(row)])

    def _erase(self, tenant_id: UUID, epoch: int) -> None:
        """Nothing stays of a shop but that it is gone."""
        self._erased[tenant_id] = epoch
        for table, stays in (
            ("events", f"type = '{SHOP_ERASED}'"),
            ("heads", "aggregate = 'tenant'"),
            ("restarts", "false"),
            ("forgotten", "false"),
        ):
            self._rows.run(
                f"DELETE FROM {table} WHERE tenant_id = ? AND epoch <= ? AND NOT ({stays})", [tenant_id, epoch]
            )
        self._rows.run("DELETE FROM gaps WHERE tenant_id = ?", [tenant_id])
        self._rows.run("DELETE FROM erased WHERE tenant_id = ?", [tenant_id])
        self._rows.insert("erased", ERASED, [{"tenant_id": tenant_id, "epoch": epoch, "is_done": False}])
