"""What OpenSearch says of points in time, and what is made of it; the rest is tried on a real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import orjson
import pytest

from ops.clients import opensearch
from sinks.opensearch.point_holders import Holder, PointHolders, Room
from sinks.opensearch.points_in_time import PointLost, PointsInTime, PointsTaken
from sinks.sink import Unavailable
from tests.support.answering import answering

SOMEBODY = Holder(uuid4(), "somebody")


def error(kind: str) -> dict[str, object]:
    return {"error": {"type": kind, "reason": "as it says", "root_cause": []}, "status": 0}


class Asked:
    """One place for all, and OpenSearch that gives everybody the same answer."""

    def __init__(self) -> None:
        self.holders = PointHolders(60, lambda: 0.0, Room(each=1, shop=1, all=1))

    @contextmanager
    def told(self, status: int, body: object) -> Iterator[PointsInTime]:
        with answering(status, "application/json", orjson.dumps(body)) as url:
            client = opensearch.client(url, timeout_s=5, connections=1)
            yield PointsInTime(client, self.holders)
            client.close()

    def is_free(self) -> bool:
        id_ = uuid4()
        free = self.holders.take(id_, SOMEBODY)
        if free:
            self.holders.release(id_)
        return free


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (429, error("search_phase_execution_exception"), PointsTaken),
        (503, error("cluster_block_exception"), Unavailable),
        (404, error("index_not_found_exception"), Unavailable),
        (200, {}, Unavailable),
        (200, [], Unavailable),
    ],
)
def test_what_could_not_be_opened_takes_no_place(status: int, body: object, raised: type[Exception]) -> None:
    asked = Asked()

    with asked.told(status, body) as points, pytest.raises(raised):
        points.open(uuid4(), "index", "routing", SOMEBODY)

    assert asked.is_free()


def test_what_is_not_there_any_more_is_lost_and_leaves_its_place() -> None:
    asked, id_ = Asked(), uuid4()
    asked.holders.hold(id_, SOMEBODY, "point")

    with asked.told(404, error("search_phase_execution_exception")) as points, pytest.raises(PointLost):
        points.search(id_, "point", {}, SOMEBODY)

    assert asked.is_free()


def test_an_answer_that_is_none_is_no_page_and_loses_nothing() -> None:
    asked, id_ = Asked(), uuid4()

    with asked.told(200, {"hits": "none"}) as points, pytest.raises(Unavailable):
        points.search(id_, "point", {}, SOMEBODY)

    assert not asked.is_free()


def test_a_point_is_closed_whatever_is_answered() -> None:
    asked, id_ = Asked(), uuid4()
    asked.holders.hold(id_, SOMEBODY, "point")

    with asked.told(503, error("unavailable")) as points:
        points.close(id_, "point")

    assert asked.is_free()


@pytest.mark.parametrize(("there", "raised"), [([{"pit_id": "point"}], PointsTaken), ("nonsense", Unavailable)])
def test_who_has_no_place_is_refused_while_their_points_are_there(there: object, raised: type[Exception]) -> None:
    asked = Asked()
    asked.holders.hold(uuid4(), SOMEBODY, "point")

    with asked.told(200, {"pits": there, "pit_id": "another"}) as points, pytest.raises(raised):
        points.open(uuid4(), "index", "routing", SOMEBODY)


def test_who_has_no_place_gets_that_of_a_point_which_ended_elsewhere() -> None:
    asked = Asked()
    asked.holders.hold(uuid4(), SOMEBODY, "point")

    with asked.told(200, {"pits": [], "pit_id": "another"}) as points:
        assert points.open(uuid4(), "index", "routing", SOMEBODY) == "another"
