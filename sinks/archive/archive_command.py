"""`rustok sinks archive`: what the platform engineer sees of it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import click

from ops.failure import Failure
from ops.settings import Settings
from schemas.events import quality
from schemas.write_model import Unreachable, open_write_model
from sinks.archive.archive_report import ArchiveReport, MissingEvents, report
from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.sink import Unavailable

#: Aggregates that are emitted again in one transaction.
AT_ONCE = 100

T = TypeVar("T")


def run(settings: Settings, model: ReadModel, *, most_gaps: int, reemit: bool, as_json: bool) -> bool:
    """Whether nothing was lost since the archive began."""
    try:
        folder = snapshots.live_folder(settings.analytics_dir, model.name).resolve()
        found = report(folder, model, most_gaps=None if reemit else most_gaps)
        emitted = emit_again(settings, found.gaps) if reemit else None
    except Unavailable as away:
        raise Failure(
            f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows whether its feed runs."
        ) from away
    except Unreachable as down:
        raise Failure(f"{down}.", "Bring it back, and run this again.") from down
    if as_json:
        click.echo(json.dumps(_document(found, most_gaps, emitted), default=str))
    else:
        _show(found, most_gaps, emitted)
    return found.is_complete


def emit_since(settings: Settings, model: ReadModel, since: datetime, *, as_json: bool) -> None:
    """Everything of this model that the outbox has since then, as it was. Raises `Failure`.

    What checks found is no table's, and is not said again.
    """
    kept = {projection.aggregate for projection in model.projections} - {quality.AGGREGATE.name}
    try:
        with open_write_model(settings.postgres_url) as keeper:
            emitted = sum(
                keeper.reemit_history(aggregate, tenant_id, dict(part))
                for (aggregate, tenant_id), wanted in keeper.told_since(since).items()
                if aggregate in kept
                for part in _parts(list(wanted.items()))
            )
    except Unreachable as down:
        raise Failure(f"{down}.", "Bring it back, and run this again.") from down
    click.echo(json.dumps({"emitted_again": emitted}) if as_json else f"{emitted:,} events emitted again")


def emit_again(settings: Settings, gaps: Sequence[MissingEvents]) -> int:
    """What the outbox still has of them, as it was; returns how many events that are. Raises `Unreachable`."""
    by_owner: dict[tuple[str, UUID], list[MissingEvents]] = defaultdict(list)
    for gap in gaps:
        by_owner[gap.aggregate, gap.tenant_id].append(gap)
    emitted = 0
    with open_write_model(settings.postgres_url) as keeper:
        for (aggregate, tenant_id), these in by_owner.items():
            for part in _parts(these):
                wanted: dict[UUID, list[range]] = defaultdict(list)
                for gap in part:
                    wanted[gap.aggregate_id].append(range(gap.first, gap.last + 1))
                emitted += keeper.reemit_history(aggregate, tenant_id, wanted)
    return emitted


def _parts(these: Sequence[T]) -> Iterator[Sequence[T]]:
    return (these[start : start + AT_ONCE] for start in range(0, len(these), AT_ONCE))


def _document(found: ArchiveReport, most_gaps: int, emitted: int | None) -> Mapping[str, object]:
    return {
        "state": found.freshness.state,
        "as_of": found.freshness.as_of,
        "complete": found.is_complete,
        "wrong": list(found.wrong),
        "aggregates": [asdict(one) for one in found.aggregates],
        "gaps": [asdict(gap) for gap in found.gaps[:most_gaps]],
        "emitted_again": emitted,
    }


def _show(found: ArchiveReport, most_gaps: int, emitted: int | None) -> None:
    as_of = found.freshness.as_of
    click.echo(
        f"the archive is {found.freshness.state}" + (f", complete up to {as_of:%Y-%m-%d %H:%M:%S} UTC" if as_of else "")
    )
    for one in found.aggregates:
        missing = ", ".join(f"{number:,} missing ({kind})" for kind, number in sorted(one.missing.items()))
        click.echo(
            f"{one.aggregate:<16}{one.events:>12,} events of {one.things:>10,}"
            f"  newest {one.newest_at:%Y-%m-%d %H:%M}  {missing or 'no gap'}"
        )
    for gap in found.gaps[:most_gaps]:
        versions = f"version {gap.first}" if gap.first == gap.last else f"versions {gap.first} to {gap.last}"
        click.echo(f"  {gap.kind}: {gap.aggregate} {gap.aggregate_id} of shop {gap.tenant_id}, {versions}")
    for wrong in found.wrong:
        click.echo(f"  wrong: {wrong}")
    if emitted is not None:
        click.echo(f"{emitted:,} events emitted again; the archive has them in a moment")
