from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from ops import metrics
from ops.scheduler.own_commands import CommandFailed
from ops.settings import Settings
from sinks.analytics import sales_facts, search_facts
from sinks.duckdb import certified_snapshots
from sinks.quality import check_history
from sinks.quality.check_job import JOB
from sinks.quality.quality_folder import docs_folder
from tests.sinks.quality.test_check_snapshot import wrong
from tests.support.sound_snapshots import published, sound_sales, sound_searches

#: Whoever runs these may have a stack, which is not to be told of them.
AWAY = "postgresql://nobody@127.0.0.1:1/nothing"


def counted(model: str, outcome: str) -> float:
    return metrics.QUALITY_EXPECTATIONS.labels(model, outcome)._value.get()  # noqa: SLF001  # what is shown of it


def test_a_turn_checks_what_is_published_writes_its_pages_and_counts_what_was_found(tmp_path):
    settings = Settings(analytics_dir=tmp_path, postgres_scheduler_url=AWAY)
    now = datetime.now(UTC)
    published(tmp_path, sales_facts.MODEL, wrong(sound_sales()), now)
    published(tmp_path, search_facts.MODEL, sound_searches(), now)

    with capture_logs() as logs:
        JOB.turn(settings)

    assert (counted("sales", "failed"), counted("searches", "failed")) == (2, 0)
    assert counted("searches", "passed") > 20
    assert metrics.QUALITY_CERTIFIED.labels("sales")._value.get() == 0  # noqa: SLF001
    assert metrics.QUALITY_CERTIFIED.labels("searches")._value.get() == pytest.approx(now.timestamp())  # noqa: SLF001
    assert certified_snapshots.newest(tmp_path / search_facts.MODEL.id) is not None
    assert {page.name for page in docs_folder(tmp_path).iterdir()} == {"sales", "searches"}
    assert check_history.newest(tmp_path, "sales")["failed"] == 2
    (told,) = logs
    assert (told["event"], told["model"], told["failed"]) == ("snapshot_not_sound", "sales", 2)
    assert "orders_are_the_sum_of_their_lines" in told["expectations"]


def test_before_anything_is_published_there_is_nothing_to_do(tmp_path):
    JOB.turn(Settings(analytics_dir=tmp_path, postgres_scheduler_url=AWAY))

    assert list(tmp_path.iterdir()) == []


def test_a_check_that_could_not_judge_fails_the_job_and_says_why(tmp_path):
    snapshot = published(tmp_path, sales_facts.MODEL, sound_sales())
    snapshot.path.write_bytes(b"no database")

    with pytest.raises(CommandFailed, match="cannot be read"):
        JOB.turn(Settings(analytics_dir=tmp_path, postgres_scheduler_url=AWAY))


def test_it_is_done_every_hour_unless_somebody_wants_it_otherwise():
    assert JOB.every_s(Settings()) == 3600
    assert JOB.every_s(Settings(quality_every_s=0)) == 0
