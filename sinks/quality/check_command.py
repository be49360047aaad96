"""`rustok sinks check`: what the analyst sees of it.

With `--json` a list of documents: {"model", "snapshot", "as_of", "checked_at", "took_s", "is_sound", "passed",
"failed", "warned", "results": [{"expectation", "table", "severity", "outcome", "meaning", "advice", "broken",
"examples", "error"}, …]}.
"""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from ops.failure import Failure
from ops.settings import Settings
from schemas.write_model import Unreachable, open_write_model
from sinks.duckdb.pinned_snapshots import PinRefused
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.quality import reconciled_archive, reconciled_search, reconciled_sums, reconciled_tables, tell_of_check
from sinks.quality.check_results import CheckResult, Result
from sinks.quality.suites import SUITES, Suite, suite_of
from sinks.search.offer_sums import SearchSums
from sinks.sink import Unavailable
from sinks.stores import InDuckDB
from sinks.verify_model import DoesNotAdvance, Verifying

_HEADINGS: Final = {"failed": "FAILED", "warned": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`reconcile`: compare with the tables, too, where there are any."""

    pinned: str | None = None
    docs: Path | None = None
    reconcile: bool = False


def run(settings: Settings, model: str | None, wanted: Wanted, *, as_json: bool) -> bool:
    """Whether no critical expectation failed; of all models without one. By its id, a model is this code's version."""
    suites = SUITES if model is None else [_suite_of(model)]
    found = [one for suite in suites if (one := _check(settings, suite, wanted, named=model))]
    if not found:
        raise Failure("No snapshot is published yet.", "`rustok status` shows whether the feeds run.")
    if as_json:
        click.echo(json.dumps([one.told() for one in found], indent=2))
    else:
        for one in found:
            _show(one)
    return all(one.is_sound for one in found)


def _suite_of(model: str) -> Suite:
    suite = suite_of(model)
    if suite is None:
        known = " or ".join(suite.model.name for suite in SUITES)
        ids = " or ".join(suite.model.id for suite in SUITES)
        raise Failure(f"Nothing is expected of {model!r}.", f"Name {known}; this code's versions are {ids}.")
    return suite


def _check(settings: Settings, suite: Suite, wanted: Wanted, *, named: str | None) -> CheckResult | None:
    analytics, now = settings.analytics_dir, datetime.now(UTC)
    with Console(stderr=True).status(f"checking {suite.model.name}"):
        from sinks.quality import check_history, check_snapshot  # here, for it takes seconds

        try:
            if wanted.pinned is not None:
                pinned = check_snapshot.check_pinned(analytics, suite, wanted.pinned, now, wanted.docs)
                _tell(settings, pinned)
                return pinned
            is_next = named not in (None, suite.model.name)
            if is_next and wanted.reconcile:
                raise Failure(
                    "The tables are compared with what readers see.",
                    f"`rustok sinks check {suite.model.name} --reconcile` does.",
                )
            if named is not None and is_next:
                arriving = check_snapshot.check_next(analytics, suite, named, now, wanted.docs)
                check_history.keep(analytics, arriving)
                _tell(settings, arriving)
                return arriving
            also = _reconciled(settings, suite) if wanted.reconcile and suite.model.has_truth else ()
            result = check_snapshot.check_newest(analytics, suite, now, wanted.docs, also)
            check_history.keep(analytics, result)
            _tell(settings, result)
        except PinRefused as refused:
            raise Failure(f"T{str(refused)[1:]}.", "`rustok sinks pins` lists what is pinned.") from refused
        except Unavailable as away:
            if named is None:
                click.echo(f"{suite.model.name} is not checked: {away}", err=True)
                return None
            raise Failure(
                f"{str(away)[:1].upper()}{str(away)[1:]}.", "`rustok status` shows whether it runs."
            ) from away
        except (Unreachable, DoesNotAdvance) as stuck:
            raise Failure(
                f"The tables cannot be compared with: {stuck}.", "`rustok status` shows what is down, or behind."
            ) from stuck
        except PermissionError as disk:
            raise Failure(
                f"What was found cannot be written: {disk}.", "Ask who owns the analytics folder, or check as they do."
            ) from disk
    return result


def _tell(settings: Settings, result: CheckResult) -> None:
    """What was found is true, and kept, also where no event can say it."""
    try:
        tell_of_check.tell(settings.postgres_url, result)
    except Unreachable as away:
        click.echo(f"no event tells of the check of {result.model}: {away}", err=True)


def _reconciled(settings: Settings, suite: Suite) -> Sequence[Result]:
    model, table = suite.model, suite.model.collections[0]
    with (
        open_write_model(settings.postgres_url) as truth,
        closing(model.published(settings)) as published,
        closing(OpenSearchStore(settings.opensearch)) as search,
    ):
        refuses = model.store.refuses if isinstance(model.store, InDuckDB) else None
        differences = Verifying(model, published, truth).full().differences
        kept_out = reconciled_tables.kept_out(differences, refuses)
        without = [one.id for one in kept_out]
        return (
            *reconciled_tables.reconciled(model.name, table, differences, kept_out),
            *reconciled_sums.reconciled(truth, reconciled_sums.SnapshotSums(settings.analytics_dir), without),
            reconciled_archive.reconciled(settings.analytics_dir, truth.now),
            *reconciled_search.reconciled(truth, SearchSums(search)),
        )


def _show(checked: CheckResult) -> None:
    as_of = f"as of {checked.as_of:%Y-%m-%d %H:%M:%S} UTC" if checked.as_of else "nobody vouches for a moment"
    click.echo(
        f"{checked.model}: {checked.snapshot}, {as_of}: {len(checked.results)} expectations,"
        f" {checked.of('passed')} hold, {checked.of('failed')} failed, {checked.of('warned')} to look at"
        f" ({checked.took_s:.1f} s)"
    )
    for one in checked.results:
        if one.outcome != "passed":
            click.echo("\n".join(_lines(one)))


def _lines(one: Result) -> Sequence[str]:
    keys = ["    " + ", ".join(f"{name} {value}" for name, value in example.items()) for example in one.examples]
    more = one.broken - len(keys)
    return [
        f"\n{_HEADINGS[one.outcome]} {one.expectation.name} ({one.broken:,} of {one.expectation.table})",
        f"  expected: {one.expectation.meaning}",
        *([f"  it could not be asked: {one.error}"] if one.error else []),
        *keys,
        *([f"    and {more:,} more"] if more > 0 else []),
        f"  what to do: {one.expectation.advice}",
    ]
