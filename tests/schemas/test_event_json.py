import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.event_catalogue import HISTORIES
from schemas.event_json import NotReadable, differences, from_json, to_json, to_text
from schemas.events.order import OrderPaid
from tests.support.examples import order
from tests.support.generated import events_of


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.event_type)
@settings(max_examples=10)
@given(data=st.data())
def test_any_event_survives_its_way_through_json(history, data):
    event = data.draw(events_of(history.newest))

    assert from_json(history.newest, json.loads(json.dumps(to_json(event)))) == event


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.event_type)
@settings(max_examples=10)
@given(data=st.data())
def test_the_text_of_any_event_is_its_json(history, data):
    for version in history.versions:
        event = data.draw(events_of(version))

        assert to_text(event) == json.dumps(to_json(event), ensure_ascii=False, separators=(",", ":"))


def test_what_no_other_reader_of_json_would_take_is_text_all_the_same():
    for odd in (2**70, "\ud800", {"bytes": b"ab"}, ("a", 1.5, None, '\x1f\x7f\u2028ß"\\/')):
        assert to_text(odd) == json.dumps(to_json(odd), ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("order.currency", 7, "of type str"),
        ("order.lines.0.quantity", "2", "of type int"),
        ("order.lines.0.quantity", True, "of type int"),
        ("order.id", "me", "a UUID"),
        ("order.placed_at", "2026-01-01T00:00:00", "a time with its zone"),
        ("order.colour", "red", "no such field"),
        ("order.lines", {}, "a list"),
        ("order", None, "an object"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(path, value, what):
    given_json = to_json(OrderPaid(order=order()))
    at, *names = path.split(".")
    place = given_json
    for name in names:
        place = place[int(at) if at.isdigit() else at]
        at = name
    place[at] = value

    with pytest.raises(NotReadable, match=what) as wrong:
        from_json(OrderPaid, given_json)

    assert wrong.value.path == path


def test_what_is_missing_is_named():
    with pytest.raises(NotReadable, match="order: it is missing"):
        from_json(OrderPaid, {})


def test_differences_are_the_paths_of_what_changed():
    old = {"a": 1, "b": {"c": [1, 2]}, "d": 1}
    new = {"a": 1, "b": {"c": [1, 3]}, "d": True, "e": None, "f": 0}

    assert differences(old, new) == ["b.c.1", "d", "f"]
