"""A newer version of a model takes over from an older one when it was found sound, and not before."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.settings import Settings
from sinks.duckdb import certified_snapshots, snapshots
from sinks.freshness import Freshness
from sinks.quality import check_history, check_job, check_snapshot
from sinks.quality.next_version_job import JOB
from sinks.quality.suites import SUITES, Suite, suite_of
from sinks.sink import DocumentChange
from sinks.stores import InDuckDB
from tests.sinks.quality.test_check_snapshot import wrong
from tests.support.sound_snapshots import sound_sales
from tests.support.whole import whole

SALES = suite_of("sales")
NEXT = Suite(replace(SALES.model, version=SALES.model.version + 1), SALES.rules, SALES.counted)
NOW = datetime.now(UTC)


def published(
    folder: Path, suite: Suite, changes: list[DocumentChange], freshness: Freshness, **settings: float
) -> None:
    """As its feed would; rules that keep an order out are left aside."""
    model = suite.model
    store = replace(model.store, refuses=None)
    with closing(store.sink(Settings(analytics_dir=folder, **settings), model, goes_live=True)) as sink:
        sink.open()
        sink.write(changes, {})
        sink.publish(freshness)


def shown(folder: Path) -> str:
    return snapshots.live_folder(folder, "sales").resolve().name


def fresh(suite: Suite) -> Freshness:
    return whole(suite.model, NOW)


def test_it_takes_over_when_one_of_its_snapshots_was_found_sound(tmp_path: Path) -> None:
    published(tmp_path, SALES, sound_sales(), fresh(SALES))
    published(tmp_path, NEXT, sound_sales(), fresh(NEXT))
    assert shown(tmp_path) == SALES.model.id

    assert check_snapshot.check_next(tmp_path, NEXT, NEXT.model.id, NOW).is_sound
    published(tmp_path, NEXT, [], fresh(NEXT))

    assert shown(tmp_path) == NEXT.model.id


def test_one_that_is_not_sound_never_does(tmp_path: Path) -> None:
    published(tmp_path, SALES, sound_sales(), fresh(SALES))
    published(tmp_path, NEXT, wrong(sound_sales()), fresh(NEXT))

    assert not check_snapshot.check_next(tmp_path, NEXT, NEXT.model.id, NOW).is_sound
    published(tmp_path, NEXT, [], fresh(NEXT))

    assert shown(tmp_path) == SALES.model.id


def test_what_was_certified_of_a_file_that_was_thrown_away_says_nothing_of_the_one_in_its_place(tmp_path: Path) -> None:
    published(tmp_path, SALES, sound_sales(), fresh(SALES))
    published(tmp_path, NEXT, sound_sales(), fresh(NEXT))
    check_snapshot.check_next(tmp_path, NEXT, NEXT.model.id, NOW)
    (tmp_path / NEXT.model.id / f"{NEXT.model.id}.live.duckdb").unlink()

    published(tmp_path, NEXT, wrong(sound_sales()), fresh(NEXT))

    assert certified_snapshots.newest(tmp_path / NEXT.model.id) is not None
    assert shown(tmp_path) == SALES.model.id


def test_the_first_version_is_shown_at_once(tmp_path: Path) -> None:
    published(tmp_path, NEXT, sound_sales(), Freshness(withheld="building"))

    assert shown(tmp_path) == NEXT.model.id


def test_where_nothing_is_checked_nothing_is_waited_for(tmp_path: Path) -> None:
    published(tmp_path, SALES, sound_sales(), fresh(SALES), quality_every_s=0)
    published(tmp_path, NEXT, sound_sales(), fresh(NEXT), quality_every_s=0)

    assert shown(tmp_path) == NEXT.model.id


def test_every_model_that_is_checked_is_checked_first() -> None:
    made_again = [suite.model for suite in SUITES if isinstance(suite.model.store, InDuckDB)]

    assert [model.name for model in made_again] == ["sales", "searches"]
    assert all(model.store.is_checked for model in made_again)


def test_the_job_checks_it_once_it_is_whole_and_it_takes_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(analytics_dir=tmp_path)
    older = replace(SALES, model=replace(SALES.model, version=SALES.model.version - 1))
    published(tmp_path, older, sound_sales(), fresh(older))
    published(tmp_path, SALES, sound_sales(), Freshness(withheld="building"))
    JOB.turn(settings)
    assert check_history.newest(tmp_path, SALES.model.id) is None

    published(tmp_path, SALES, [], fresh(SALES))
    JOB.turn(settings)
    published(tmp_path, SALES, [], fresh(SALES))

    assert check_history.newest(tmp_path, SALES.model.id)["is_sound"]
    assert shown(tmp_path) == SALES.model.id


def test_one_that_was_not_sound_is_not_checked_again_at_once_unless_it_was_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[tuple[str, ...]] = []
    monkeypatch.setattr(check_job, "check", lambda _, *told: checks.append(told))
    settings = Settings(analytics_dir=tmp_path)
    older = replace(SALES, model=replace(SALES.model, version=SALES.model.version - 1))
    published(tmp_path, older, sound_sales(), fresh(older))
    published(tmp_path, SALES, wrong(sound_sales()), fresh(SALES))
    check_history.keep(tmp_path, check_snapshot.check_next(tmp_path, SALES, SALES.model.id, datetime.now(UTC)))

    JOB.turn(settings)
    assert checks == []
    (tmp_path / SALES.model.id / f"{SALES.model.id}.live.duckdb").unlink()
    published(tmp_path, SALES, sound_sales(), fresh(SALES))
    JOB.turn(settings)

    assert checks == [(SALES.model.id,)]


def test_code_that_was_rolled_back_leaves_the_newer_version_to_its_readers(tmp_path: Path) -> None:
    published(tmp_path, NEXT, sound_sales(), fresh(NEXT))
    published(tmp_path, SALES, sound_sales(), fresh(SALES))

    JOB.turn(Settings(analytics_dir=tmp_path))

    assert check_history.newest(tmp_path, SALES.model.id) is None
    assert shown(tmp_path) == NEXT.model.id
