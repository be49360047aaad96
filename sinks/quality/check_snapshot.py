"""Checks one snapshot against all that is expected of its model, and certifies it when nothing critical fails.

What breaks an expectation is counted and named by its own SELECT, beside what Great Expectations says.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sinks.duckdb import certified_snapshots, pinned_snapshots, snapshots
from sinks.duckdb.certified_snapshots import Certified
from sinks.quality import data_docs, great_expectations_run
from sinks.quality.check_results import MOST_EXAMPLES, CheckResult, Outcome, Result
from sinks.quality.expectation import Expectation
from sinks.quality.great_expectations_run import Verdict
from sinks.quality.suites import Suite
from sinks.sink import Unavailable


@dataclass(frozen=True, slots=True)
class Checked:
    """A snapshot that is open, so that its feed lets it be; `as_of` as it was vouched for. It is told of as `name`."""

    name: str
    path: Path
    as_of: datetime | None
    connection: duckdb.DuckDBPyConnection


def check_newest(
    analytics: Path, suite: Suite, now: datetime, docs: Path | None = None, also: Sequence[Result] = ()
) -> CheckResult:
    """What readers see now, which is certified if it is sound. `docs`: where to write its pages; `also`: what was found
    of it already.

    Raises `Unavailable` when nothing is published yet.
    """
    with _newest(analytics, suite) as checked:
        return _judged(checked, suite, now, docs, also)


def check_next(analytics: Path, suite: Suite, build: str, now: datetime, docs: Path | None = None) -> CheckResult:
    """What readers would see of a build of this code's version, as `sales-v5`: certified if it is sound, it may take
    over.

    It is told of under this name.
    Raises `Unavailable` when it is not published yet.
    """
    with ExitStack() as held:
        checked = _held(held, analytics / build, suite, build, tries=3)
        return _judged(checked, suite, now, docs, ())


def check_pinned(analytics: Path, suite: Suite, name: str, now: datetime, docs: Path | None = None) -> CheckResult:
    """The one that was pinned under this name. Raises `PinRefused` when there is none."""
    pin = pinned_snapshots.find(analytics, suite.model.name, name)
    with great_expectations_run.opened(pin.path) as connection:
        return _checked(
            Checked(suite.model.name, pin.path, pin.as_of, connection), suite, now, docs, (), is_newest=False
        )


def check_file(path: Path, suite: Suite, as_of: datetime | None, now: datetime) -> CheckResult:
    """Any file with the model's tables and views, which need not be fresh."""
    with great_expectations_run.opened(path) as connection:
        return _checked(Checked(suite.model.name, path, as_of, connection), suite, now, None, (), is_newest=False)


def _judged(checked: Checked, suite: Suite, now: datetime, docs: Path | None, also: Sequence[Result]) -> CheckResult:
    result = _checked(checked, suite, now, docs, also, is_newest=True)
    if result.is_sound and result.as_of is not None:
        certified_snapshots.certify(Certified(checked.path, result.as_of, datetime.now(UTC)))
    return result


def _checked(
    checked: Checked, suite: Suite, now: datetime, docs: Path | None, also: Sequence[Result], *, is_newest: bool
) -> CheckResult:
    began = time.monotonic()
    expectations = suite.expectations(checked.as_of, now, is_newest=is_newest)
    found = great_expectations_run.validate(checked.path, expectations)
    result = CheckResult(
        model=checked.name,
        snapshot=checked.path.name,
        as_of=checked.as_of,
        checked_at=now,
        took_s=time.monotonic() - began,
        results=[*(_result(checked.connection, one, found.verdicts[one.name]) for one in expectations), *also],
    )
    if docs is not None:
        data_docs.write(docs, result, found)
    return result


def _result(connection: duckdb.DuckDBPyConnection, one: Expectation, verdict: Verdict) -> Result:
    holds, error = verdict
    if holds:
        return Result(expectation=one, outcome="passed")
    outcome: Outcome = "failed" if one.severity == "critical" else "warned"
    try:
        ((broken,),) = connection.execute(f"SELECT count(*) FROM ({one.broken})").fetchall()
        some = connection.execute(f"FROM ({one.broken}) LIMIT {MOST_EXAMPLES}")
        names = [name for name, *_ in some.description or ()]
        examples = [
            {name: None if cell is None else str(cell) for name, cell in zip(names, row, strict=True)}
            for row in some.fetchall()
        ]
    except duckdb.Error as wrong:  # a table or column of it is not there, which another expectation says
        return Result(expectation=one, outcome=outcome, error=error or str(wrong).partition("\n")[0])
    return Result(expectation=one, outcome=outcome, broken=broken, examples=examples, error=error)


@contextmanager
def _newest(analytics: Path, suite: Suite) -> Iterator[Checked]:
    folder = snapshots.live_folder(analytics, suite.model.name).resolve()
    with ExitStack() as held:
        yield _held(held, folder, suite, suite.model.name, tries=3)


def _held(held: ExitStack, folder: Path, suite: Suite, name: str, tries: int) -> Checked:
    """The current one, open until `held` is left."""
    current = snapshots.current(folder)
    if current is None:
        raise Unavailable(f"the {suite.model.name} feed has not published a snapshot yet", retry_after_s=5)
    try:
        connection = held.enter_context(great_expectations_run.opened(current.path))
    except Unavailable:  # it was retired, so there is a newer one
        if tries > 1:
            return _held(held, folder, suite, name, tries - 1)
        raise
    return Checked(name, current.path, suite.model.complete(current.freshness).as_of, connection)
