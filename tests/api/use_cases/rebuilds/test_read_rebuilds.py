from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.domain.errors import NotFound
from api.domain.rebuilds import NotRebuildable
from api.http.bodies.rebuilds import RebuildAnswer
from api.use_cases.rebuilds.ask_rebuild import rebuildable
from api.use_cases.rebuilds.read_rebuilds import Asked, shown
from sinks.analytics import sales_facts
from sinks.builds import Build
from sinks.rebuild.progress import PartitionProgress, Progress
from sinks.rebuild.rebuild_request import RebuildRequest
from sinks.rebuild.told_builds import ToldBuild, ToldBuilds, nowhere
from tests.support.examples import MOMENT

MODEL = sales_facts.MODEL


def report(build: str, minutes: int = 0) -> dict[str, Any]:
    judged = {"name": "whole", "holds": True, "found": "3 documents"}
    at = (MOMENT + timedelta(minutes=minutes)).isoformat()
    about = {"model": "sales", "build": build, "before": "v4", "led": True, "judgements": [judged]}
    return about | {"documents": 3, "whole_s": 1.5, "seconds": 2.0, "at": at}


def asked(**about: Any) -> Asked:
    request = RebuildRequest(
        id=uuid4(), model="sales", action="start", asked_by="olga", asked_at=MOMENT, **{"state": "running", **about}
    )
    return Asked(model=MODEL, request=request, is_rebuilt=True)


def told(last: dict[str, Any] | None) -> ToldBuilds:
    live = ToldBuild(build=Build(4), role="live", documents=3, bytes=100, as_of=MOMENT, state="fresh")
    return ToldBuilds(builds=(live, ToldBuild(build=Build(4, 2), role="beside")), last=last)


def test_how_far_it_is_is_told_by_partition_and_in_all() -> None:
    parts = (PartitionProgress("rustok.order/0", 3, 10), PartitionProgress("rustok.order/1", 4, 5))
    found = shown(asked(progress=Progress(parts, 1.5), step="7 of 15 records"), lambda _: told(None))

    answer = RebuildAnswer.of(found)

    assert answer.request is not None
    assert answer.request.progress is not None
    progress = answer.request.progress
    assert (progress.done, progress.records, progress.left_s) == (7, 15, 1.5)
    assert [(one.partition, one.done, one.records) for one in progress.partitions] == [
        ("rustok.order/0", 3, 10),
        ("rustok.order/1", 4, 5),
    ]
    assert answer.builds is not None
    assert [(one.build, one.role, one.state) for one in answer.builds] == [
        ("v4", "live", "fresh"),
        ("v4-b2", "beside", "unavailable"),
    ]


def test_the_newest_report_is_told_whoever_made_it() -> None:
    by_command, over_api = report("v4-b2", minutes=5), report("v4-b3", minutes=9)

    for here, there, expected in (
        (by_command, over_api, "v4-b3"),
        (over_api, by_command, "v4-b3"),
        (by_command, None, "v4-b2"),
        (None, over_api, "v4-b3"),
    ):
        answer = RebuildAnswer.of(shown(asked(state="done", report=there), lambda _, here=here: told(here)))

        assert answer.last is not None
        assert answer.last.build == expected


def test_where_the_store_is_away_the_rest_is_told() -> None:
    answer = RebuildAnswer.of(shown(asked(), nowhere))

    assert (answer.builds, answer.last, answer.is_rebuilt) == (None, None, True)
    assert answer.request is not None


def test_only_read_models_that_can_be_made_again_are_there() -> None:
    assert rebuildable("sales") is MODEL
    with pytest.raises(NotRebuildable, match="keeps what the log forgets"):
        rebuildable("event-archive")
    for name in ("nothing", MODEL.id, ""):
        with pytest.raises(NotFound):
            rebuildable(name)
