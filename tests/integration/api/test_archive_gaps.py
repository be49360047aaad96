"""What the archive lacks is emitted again by the scheduler: once, and not what cannot come any more."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from ops import metrics
from ops.settings import Settings
from schemas.envelope import Envelope
from schemas.write_model import Unreachable
from sinks import archive_gaps_job
from sinks.analytics.event_archive import MODEL, archived_event
from sinks.archive.archive_sink import ArchiveSink
from sinks.archive_gaps_job import JOB
from tests.integration.api.outbox import Left, left
from tests.integration.api.shops import Shop
from tests.support.stack import Stack
from tests.support.whole import whole

pytestmark = pytest.mark.servers


class Archive:
    """Of one aggregate of three versions, of which it was told the first and the last."""

    def __init__(
        self, settings: Settings, postgres: psycopg.Connection, folder: Path, shop: Shop, aggregate_id: UUID
    ) -> None:
        self.settings = settings.model_copy(update={"analytics_dir": folder})
        self.postgres = postgres
        self.shop = shop
        self.id = aggregate_id
        self.sink = ArchiveSink(folder / MODEL.id, MODEL, goes_live=True)
        self.sink.open()
        self.told(1, 3)

    def events(self) -> list[Left]:
        return left(self.postgres, self.shop.id, str(self.id))

    def told(self, *versions: int, as_of: datetime | None = None) -> None:
        """These reach it, and it is published as vouched for by now or by then."""
        reaching = {one.version: one for one in self.events() if one.version in versions}
        self.sink.write([self._archived(one) for _, one in sorted(reaching.items())], {})
        self.sink.publish(whole(MODEL, as_of or datetime.now(UTC)))

    def turn(self) -> Counter[int]:
        """How often each version was written into the log anew by it."""
        return self.written(lambda: JOB.turn(self.settings))

    def turns_at_once(self) -> Counter[int]:
        """The same by several processes."""
        with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
            return self.written(lambda: list(pool.map(archive_gaps_job.turn, [self.settings] * 3)))

    def written(self, work: Callable[[], object]) -> Counter[int]:
        before = self._places()
        work()
        return Counter(version for place, version in self._places().items() if place not in before)

    def says(self) -> list[str]:
        done = Stack(self.settings, {"RUSTOK_ANALYTICS_DIR": str(self.settings.analytics_dir)}).rustok(
            "sinks", "archive", "--json", check=False
        )
        return [f"{gap['first']}-{gap['last']} {gap['outlook']}" for gap in json.loads(done.stdout)["gaps"]]

    def _places(self) -> dict[str, int]:
        """Whatever is written anew has another place, also with the id of before."""
        rows = self.postgres.execute(
            "SELECT ctid::text || xmin::text, aggregate_version FROM outbox WHERE aggregateid = %s", (str(self.id),)
        ).fetchall()
        return {place: int(version) for place, version in rows}

    def _archived(self, one: Left):  # type: ignore[no-untyped-def]
        row = one.row
        return archived_event(
            Envelope(
                id=row["id"],
                event_type=one.type,
                schema_version=int(row["schema_version"]),
                tenant_id=self.shop.id,
                aggregate_id=self.id,
                aggregate_version=one.version,
                correlation_id=row["correlation_id"],
                causation_id=None,
                traceparent=row["traceparent"],
                occurred_at=datetime.fromisoformat(row["ce_time"]),
                actor_id=row["actor_id"],
                epoch=int(row["epoch"]),
            ),
            one.event,
        )


@pytest.fixture
def archive(settings: Settings, postgres: psycopg.Connection, tmp_path: Path, shop: Shop):
    placed = shop.order(shop.product()["variants"][0]["sku"])
    shop.post(f"/v1/orders/{placed['id']}/confirm")
    shop.post(f"/v1/orders/{placed['id']}/pay", {"payment_id": "p1"})
    made = Archive(settings, postgres, tmp_path, shop, UUID(placed["id"]))
    with closing(made.sink):
        yield made


def counted(outlook: str) -> float:
    return metrics.ARCHIVE_GAP_EVENTS.labels("missed", outlook)._value.get()  # noqa: SLF001  # what is shown of it


def test_what_was_lost_leaves_once_more_with_what_is_newest_behind_it(archive):
    before = metrics.ARCHIVE_REEMITTED._value.get()  # noqa: SLF001

    assert archive.says() == ["2-2 due"]
    assert archive.turn() == {2: 1, 3: 1}
    assert metrics.ARCHIVE_REEMITTED._value.get() == before + 1  # noqa: SLF001

    archive.told(2)

    assert archive.says() == []
    assert archive.turn() == {}


def test_what_was_emitted_once_is_not_emitted_every_time(archive):
    archive.turn()

    assert archive.turn() == {}
    assert archive.says() == ["2-2 sent"]
    assert (counted("sent"), counted("stuck")) == (1, 0)

    archive.told(as_of=datetime.now(UTC) + timedelta(minutes=2))

    assert archive.turn() == {}
    assert archive.says() == ["2-2 stuck"]
    assert (counted("sent"), counted("stuck")) == (0, 1)


def test_what_the_outbox_has_no_more_is_said_and_nothing_is_emitted_for_it(archive):
    archive.postgres.execute(
        "DELETE FROM outbox WHERE aggregateid = %s AND aggregate_version = '2'", (str(archive.id),)
    )

    assert archive.turn() == {}
    assert archive.says() == ["2-2 gone"]
    assert (counted("due"), counted("gone")) == (0, 1)


def test_a_resync_does_not_count_as_having_emitted_it(archive, settings):
    Stack(settings, {}).rustok("streams", "re-emit", "order", "--tenant", archive.shop.tenant["slug"])

    assert archive.turn()[2] == 1


def test_several_schedulers_at_once_emit_it_once(archive):
    assert archive.turns_at_once() == {2: 1, 3: 1}


def test_of_what_is_gone_they_emit_it_once_too(settings, postgres, shop, tmp_path):
    """Nobody can hold still what is not there."""
    product = UUID(shop.product(published=False)["id"])
    assert shop.call("PATCH", f"/v1/products/{product}", {"brand": "Verde"}).status_code == 200
    assert shop.call("DELETE", f"/v1/products/{product}").status_code in (200, 204)
    archive = Archive(settings, postgres, tmp_path, shop, product)

    with closing(archive.sink):
        assert archive.turns_at_once() == {2: 1, 3: 1}


def test_without_postgres_the_report_is_there_and_says_so(archive):
    away = {
        "RUSTOK_ANALYTICS_DIR": str(archive.settings.analytics_dir),
        "RUSTOK_POSTGRES_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }

    done = Stack(archive.settings, away).rustok("sinks", "archive", "--json", check=False)

    assert done.returncode == 1
    assert [gap["outlook"] for gap in json.loads(done.stdout)["gaps"]] == [None]
    assert "what becomes of the gaps nobody says" in done.stderr


def test_the_turn_fails_where_postgres_is_away_and_is_tried_again(archive):
    away = archive.settings.model_copy(update={"postgres_scheduler_url": "postgresql://nobody@127.0.0.1:1/nothing"})

    with pytest.raises(Unreachable):
        JOB.turn(away)


def test_before_there_is_an_archive_there_is_nothing_to_do(settings, tmp_path):
    JOB.turn(settings.model_copy(update={"analytics_dir": tmp_path / "none"}))

    assert not (tmp_path / "none").exists()


def test_it_is_done_every_ten_minutes_unless_somebody_wants_it_otherwise(settings):
    assert JOB.every_s(Settings()) == 600
    assert JOB.every_s(Settings(archive_gaps_every_s=0)) == 0
