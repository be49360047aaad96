"""`rustok sinks archive`: what the platform engineer sees of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final, TypeVar

import click

from ops.failure import Failure
from ops.settings import Settings
from schemas.events import quality
from schemas.write_model import Unreachable, open_write_model
from sinks.archive import emit_gaps, gap_outlook
from sinks.archive.archive_report import ArchiveReport, MissingEvents, report
from sinks.archive.gap_outlook import AT_ONCE, OUTLOOKS, Outlook
from sinks.duckdb import snapshots
from sinks.read_model import ReadModel
from sinks.sink import Unavailable

#: So many seconds are told in minutes.
_MINUTES: Final = 180
T = TypeVar("T")
Told = Sequence[tuple[MissingEvents, Outlook | None]]


def run(settings: Settings, model: ReadModel, *, most_gaps: int, reemit: bool, as_json: bool) -> bool:
    """Whether nothing was lost since the archive began."""
    try:
        folder = snapshots.live_folder(settings.analytics_dir, model.name).resolve()
        found = report(folder, model, most_gaps=None if reemit else most_gaps)
        emitted = _emit_again(settings, found.gaps) if reemit else None
    except Unavailable as away:
        raise Failure(
            f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows whether its feed runs."
        ) from away
    except Unreachable as down:
        raise Failure(f"{down}.", "Bring it back, and run this again.") from down
    shown = found.gaps[:most_gaps]
    told = list(zip(shown, _outlooks(settings, shown, found.freshness.as_of), strict=True))
    if as_json:
        click.echo(json.dumps(_document(found, told, emitted), default=str))
    else:
        _show(found, told, emitted)
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


def _ago(moment: datetime) -> str:
    """Of a feed that stands still, or has just been put back, it is long."""
    seconds = max(0, round((datetime.now(UTC) - moment).total_seconds()))
    return f"{seconds} s" if seconds < _MINUTES else f"{seconds // 60:,} min"


def _emit_again(settings: Settings, gaps: Sequence[MissingEvents]) -> int:
    """Also what was emitted again before: whoever asks may have mended what it was refused for."""
    with open_write_model(settings.postgres_url) as keeper:
        return emit_gaps.emit_again(keeper, gaps)


def _outlooks(settings: Settings, gaps: Sequence[MissingEvents], as_of: datetime | None) -> Sequence[Outlook | None]:
    """What becomes of each; None where PostgreSQL does not say."""
    if not gaps:
        return []
    try:
        with open_write_model(settings.postgres_url) as keeper:
            return gap_outlook.of_all(keeper, gaps, as_of)
    except Unreachable as away:
        click.echo(f"what becomes of the gaps nobody says: {away}", err=True)
        return [None] * len(gaps)


def _parts(these: Sequence[T]) -> Iterator[Sequence[T]]:
    return (these[start : start + AT_ONCE] for start in range(0, len(these), AT_ONCE))


def _document(found: ArchiveReport, told: Told, emitted: int | None) -> Mapping[str, object]:
    return {
        "state": found.freshness.state,
        "as_of": found.freshness.as_of,
        "complete": found.is_complete,
        "wrong": list(found.wrong),
        "aggregates": [asdict(one) for one in found.aggregates],
        "gaps": [asdict(gap) | {"outlook": outlook} for gap, outlook in told],
        "emitted_again": emitted,
    }


def _show(found: ArchiveReport, told: Told, emitted: int | None) -> None:
    as_of = found.freshness.as_of
    click.echo(
        f"the archive is {found.freshness.state}"
        + (f", complete up to {as_of:%Y-%m-%d %H:%M:%S} UTC, {_ago(as_of)} ago" if as_of else "")
    )
    for one in found.aggregates:
        missing = ", ".join(f"{number:,} missing ({kind})" for kind, number in sorted(one.missing.items()))
        click.echo(
            f"{one.aggregate:<16}{one.events:>12,} events of {one.things:>10,}"
            f"  newest {one.newest_at:%Y-%m-%d %H:%M}  {missing or 'no gap'}"
        )
    for gap, outlook in told:
        versions = f"version {gap.first}" if gap.first == gap.last else f"versions {gap.first} to {gap.last}"
        why = f": {OUTLOOKS[outlook]}" if outlook else ""
        click.echo(f"  {gap.kind}: {gap.aggregate} {gap.aggregate_id} of shop {gap.tenant_id}, {versions}{why}")
    for wrong in found.wrong:
        click.echo(f"  wrong: {wrong}")
    if emitted is not None:
        click.echo(f"{emitted:,} events emitted again; the archive has them in a moment")
