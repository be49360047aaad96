from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.instantsearch.asked.told_events import told_events
from api.instantsearch.refusals import NotAsked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND, QUERY, OTHER = uuid4(), uuid4(), uuid4(), uuid4()


def click(**different: Any) -> dict[str, Any]:
    plain = {"eventType": "click", "objectIDs": [str(FIRST)], "queryID": QUERY.hex, "positions": [2]}
    return {**plain, **different}


def told(*events: Any) -> list[Any]:
    return list(told_events({"events": list(events)}, "EUR", NOW))


def test_each_product_of_an_event_is_one_row_with_its_place_and_what_it_followed() -> None:
    a_minute_ago = int((NOW - timedelta(minutes=1)).timestamp() * 1000)
    rows = told(
        click(objectIDs=[str(FIRST), str(SECOND)], positions=[2, 5], timestamp=a_minute_ago, userToken="anna", more=1),
        {
            "eventType": "conversion",
            "eventSubtype": "purchase",
            "objectIDs": [str(FIRST), str(SECOND)],
            "objectData": [{"queryID": OTHER.hex, "price": 4.5}, {"price": 1}],
            "queryID": QUERY.hex,
            "value": 12.34,
            "currency": "USD",
        },
        {"eventType": "view", "objectIDs": [str(SECOND)]},
    )

    assert [(one.kind, one.object_id, one.query_id, one.position) for one in rows] == [
        ("click", FIRST, QUERY, 2),
        ("click", SECOND, QUERY, 5),
        ("conversion", FIRST, OTHER, None),
        ("conversion", SECOND, QUERY, None),
        ("view", SECOND, None, None),
    ]
    assert [(one.value_minor, one.currency) for one in rows[2:4]] == [(1234, "USD"), (None, None)]
    assert (rows[0].done_at, rows[2].done_at) == (NOW - timedelta(minutes=1), NOW)
    assert {one.channel for one in rows} == {"instantsearch"}


def test_what_is_told_of_filters_and_of_the_widgets_themselves_is_taken_and_left() -> None:
    assert told({"eventType": "click", "filters": ["brand:Verde"]}, {"eventType": "instantsearch", "anything": 1}) == []


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (click(eventType="look"), "eventType is to be"),
        (click(objectIDs=[]), "objectIDs is to be a list of 1 to 20"),
        (click(objectIDs=[str(FIRST)] * 21), "objectIDs is to be a list of 1 to 20"),
        (click(objectIDs=["47"]), "objectIDs: '47' was never given"),
        (click(queryID="47"), "queryID: '47' was never given"),
        (click(positions=None), "positions is missing"),
        (click(positions=[1, 2]), "positions is to be a number"),
        (click(positions=[True]), "positions is to be a number"),
        (click(positions=[0]), "positions is to be a number"),
        (click(timestamp="now"), "timestamp is to be milliseconds"),
        (click(timestamp=1), "timestamp is longer ago"),
        (click(eventType="conversion", value="much"), "'much' is no number"),
        (click(eventType="conversion", value=-1), "value is from 0"),
        (click(eventType="conversion", value=1, currency="XXY"), "currency is no ISO 4217"),
        (click(eventType="conversion", value=1, currency=["EUR"]), "currency is no ISO 4217"),
        ("click", "events is to be a list of objects"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(event: Any, says: str) -> None:
    with pytest.raises(NotAsked) as refused:
        told(event)

    assert says in refused.value.message


def test_there_is_an_end_to_how_much_is_told_at_once() -> None:
    with pytest.raises(NotAsked, match="At most 1000 events"):
        told(*[click()] * 1001)
    with pytest.raises(NotAsked, match="At most 1000 products"):
        told(*[{"eventType": "view", "objectIDs": [str(FIRST)] * 20}] * 51)
    with pytest.raises(NotAsked, match="events is to be a list"):
        told_events(None, "EUR", NOW)
