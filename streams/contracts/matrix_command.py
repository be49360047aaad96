"""Runs `rustok schemas matrix`: what the schema maintainer sees of it.

With `--json` one document: {"stored": [{"event", "version", "topic", "records", "consumers": [{"consumer", "knows",
"verdict": "reads" | "parks" | "not read"}, …]}, …], "consumers": [{"consumer", "source": "feed" | "code"}, …],
"parks": how many of the verdicts are that}. `records` is null with `--from code`.
"""

import json
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Column, Table

from ops.failure import Failure
from ops.settings import Settings
from sinks.sink import Unavailable
from streams.contracts import known_versions, stored_versions
from streams.contracts.stored_versions import StoredVersion
from streams.contracts.version_matrix import Matrix, MatrixCell, matrix


def run(settings: Settings, *, from_code: bool, as_json: bool) -> bool:
    """Whether every consumer reads all that is stored in its topics."""
    found = matrix(_stored(settings, from_code=from_code), known_versions.everybody(settings, ask=not from_code))
    if as_json:
        click.echo(json.dumps(document(found)))
    else:
        _show(found, Console())
    return not found.parked


def document(found: Matrix) -> dict[str, object]:
    """The matrix as described above."""
    return {
        "stored": [
            {
                "event": row.stored.event_type,
                "version": row.stored.version,
                "topic": row.stored.topic,
                "records": row.stored.records,
                "consumers": [
                    {"consumer": cell.consumer, "knows": cell.knows, "verdict": cell.verdict} for cell in row.cells
                ],
            }
            for row in found.rows
        ],
        "consumers": [{"consumer": each.name, "source": each.source} for each in found.consumers],
        "parks": len(found.parked),
    }


def _stored(settings: Settings, *, from_code: bool) -> Sequence[StoredVersion]:
    if from_code:
        return stored_versions.by_code()
    try:
        with Console(stderr=True).status("counting the stored events") as status:
            return stored_versions.counted(settings.kafka, lambda read: status.update(f"{read:,} records counted"))
    except Unavailable as away:
        raise Failure(f"{away}.", "Start it with `rustok up`, or ask with `--from code`, without servers.") from away


def _show(found: Matrix, console: Console) -> None:
    event = Column("event", overflow="fold")  # where a terminal is narrow, on two lines: cut it would be another one
    table = Table(event, "version", "stored", *(_head(each) for each in found.consumers), box=None, pad_edge=False)
    for row in found.rows:
        one = row.stored
        records = "—" if one.records is None else f"{one.records:,}"
        table.add_row(one.event_type, f"v{one.version}", records, *(_words(cell) for cell in row.cells))
    console.print(table)
    if any(each.source == "code" for each in found.consumers):
        console.print("\n* by this code: the feed was not asked, or does not run, or does not say", highlight=False)
    for one, cell in found.parked:
        console.print(
            f"{cell.consumer} parks {one.event_type} v{one.version}: it knows {_known(cell)}. "
            "It takes what it parked when it is upgraded.",
            highlight=False,
            soft_wrap=True,
        )


def _head(consumer: known_versions.Consumer) -> str:
    return consumer.name + ("*" if consumer.source == "code" else "")


def _words(cell: MatrixCell) -> str:
    match cell.verdict:
        case "reads":
            return f"reads (knows v{cell.knows})"
        case "parks":
            return f"[yellow]parks (knows {_known(cell)})[/]"
        case "not read":
            return "[dim]·[/]"


def _known(cell: MatrixCell) -> str:
    return f"v{cell.knows}" if cell.knows else "no such event"
