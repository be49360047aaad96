from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.domain import dead_letters
from api.domain.dead_letters import Content, StoredDeadLetter
from api.domain.errors import Forbidden, IllegalTransition, Invalid
from schemas.envelope import from_headers
from schemas.event_json import to_json
from schemas.events.category import CategoryCreated
from schemas.events.dead_letter import DeadLetterDiscarded, DeadLetterReplayed
from schemas.events.order import OrderPaid
from schemas.events.product import ProductPublished
from tests.support.examples import MOMENT, category, envelope, line, order, product
from tests.support.records import record

TENANT = uuid4()
ORDER = order()


def stored(**different: Any) -> StoredDeadLetter:
    told = record(envelope(tenant_id=TENANT, aggregate_id=ORDER.id), OrderPaid(order=ORDER))
    content = Content(key=told.key, value=b"rubbish", headers=tuple(told.headers))
    held = StoredDeadLetter(
        id=uuid4(),
        tenant_id=TENANT,
        feed="sales-v1",
        topic="rustok.order",
        partition=1,
        offset=7,
        original=content,
        edited=None,
        committed_at=MOMENT,
        parked=False,
        event_type="order.paid",
        error="Undecodable",
        reason="too short",
        pattern="too short",
        cause="abc",
        attempts=1,
        first_failed_at=MOMENT,
        last_failed_at=MOMENT,
        state="open",
        version=0,
    )
    return replace(held, **different)


def edited(held: StoredDeadLetter, **changes: str) -> StoredDeadLetter:
    event = dead_letters.edited_event(held, None, to_json(OrderPaid(order=ORDER)))
    headers = dead_letters.edited_headers(held, event, "order.paid", 1, changes)
    return dead_letters.edit(held, b"fixed", headers, ["order.currency"], "ines", MOMENT)


def test_a_replay_tells_the_feed_everything_it_needs() -> None:
    held = stored()

    change = dead_letters.replay(held, MOMENT)

    event = change.happened[0].event
    assert isinstance(event, DeadLetterReplayed)
    assert (event.dead_letter.feed, event.dead_letter.topic, event.dead_letter.offset) == (
        "sales-v1",
        "rustok.order",
        7,
    )
    assert (event.dead_letter.value, event.dead_letter.attempts) == (b"rubbish", 1)
    assert (change.value.state, change.version) == ("replayed", 1)


@pytest.mark.parametrize("state", ["open", "replayed", "applied", "discarded"])
def test_trying_again_is_always_possible(state: Any) -> None:
    assert dead_letters.replay(stored(state=state), MOMENT).value.state == "replayed"


def test_a_discarded_dead_letter_says_why() -> None:
    change = dead_letters.discard(stored(version=4), "a load test", MOMENT)

    event = change.happened[0].event
    assert isinstance(event, DeadLetterDiscarded)
    assert (event.reason, change.value.state, change.version) == ("a load test", "discarded", 5)


def test_what_is_applied_is_neither_given_up_nor_edited() -> None:
    with pytest.raises(IllegalTransition):
        dead_letters.discard(stored(state="applied"), "why not", MOMENT)
    with pytest.raises(IllegalTransition):
        edited(stored(state="applied"))


def test_an_edit_keeps_the_events_own_id_and_says_who_changed_what() -> None:
    held = stored()

    content = edited(held).content

    assert content.value == b"fixed"
    assert from_headers(content.headers).id == from_headers(held.original.headers).id
    assert content.header("rustok_edited_by") == "ines"
    assert content.header("rustok_edited_fields") == "order.currency"


def test_the_last_edit_is_what_is_said_and_tried() -> None:
    twice = edited(edited(stored()))

    assert [name for name, _ in twice.content.headers].count("rustok_edited_by") == 1
    event = dead_letters.replay(twice, MOMENT).happened[0].event
    assert isinstance(event, DeadLetterReplayed)
    assert event.dead_letter.value == b"fixed"


def test_a_dead_letter_about_one_thing_cannot_become_one_about_another() -> None:
    with pytest.raises(Invalid) as wrong:
        edited(stored(), ce_aggregateid=str(uuid4()))

    assert wrong.value.errors[0].code == "another_aggregate"


def test_a_dead_letter_stays_with_its_shop() -> None:
    with pytest.raises(Forbidden):
        edited(stored(), ce_tenantid=str(uuid4()))


def test_headers_that_do_not_parse_can_be_put_right() -> None:
    held = stored(tenant_id=None)
    broken = replace(held.original, headers=tuple(h for h in held.original.headers if h[0] != "ce_tenantid"))

    content = edited(replace(held, original=broken), ce_tenantid=str(TENANT)).content

    assert from_headers(content.headers).tenant_id == TENANT


@pytest.mark.parametrize("event_type", ["product.created", "order.teleported", ""])
def test_an_event_of_another_topic_or_of_none_is_refused(event_type: str) -> None:
    held = stored()
    headers = tuple((name, value) for name, value in held.original.headers if name != "ce_type")

    with pytest.raises(Invalid) as wrong:
        dead_letters.edited_event(replace(held, original=replace(held.original, headers=headers)), event_type, {})

    assert wrong.value.errors[0].field == "event_type"


def test_a_field_that_does_not_fit_is_named() -> None:
    with pytest.raises(Invalid) as wrong:
        dead_letters.edited_event(stored(), None, {"order": {"id": str(UUID(int=1))}})

    assert wrong.value.errors[0].field == "event.order.external_id"


@pytest.mark.parametrize(
    ("event_type", "given", "field"),
    [
        ("product.published", ProductPublished(product=product(translations=())), "event.product.translations"),
        ("product.published", ProductPublished(product=product(variants=())), "event.product.variants"),
        ("product.published", ProductPublished(product=product(status="sold")), "event.product.status"),
        ("order.paid", OrderPaid(order=order(lines=(), total_minor=0)), "event.order.lines"),
        ("order.paid", OrderPaid(order=order(total_minor=7)), "event.order.total_minor"),
        ("order.paid", OrderPaid(order=order(currency="XXX")), "event.order.currency"),
        ("order.paid", OrderPaid(order=order(lines=(line(discount_minor=-1),))), "event.order.lines.0.discount_minor"),
        (
            "order.paid",
            OrderPaid(order=order(lines=(line(list_price_minor=1),))),
            "event.order.lines.0.list_price_minor",
        ),
        ("order.paid", OrderPaid(order=order(lines=(line(category="Tea"),))), "event.order.lines.0.category_path"),
        ("order.paid", OrderPaid(order=order(lines=(line(unit=""),))), "event.order.lines.0.unit"),
        (
            "category.created",
            CategoryCreated(category=replace(category("Tea"), translations=())),
            "event.category.translations",
        ),
    ],
)
def test_an_edit_is_held_to_the_rules_of_commands(event_type: str, given: Any, field: str) -> None:
    topic = f"rustok.{event_type.partition('.')[0]}"

    with pytest.raises(Invalid) as wrong:
        dead_letters.edited_event(stored(topic=topic), event_type, to_json(given))

    assert field in [one.field for one in wrong.value.errors]
