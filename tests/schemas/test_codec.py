import io

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import BY_TYPE, HISTORIES
from schemas.codec import Decoder, Encoder, InvalidEvent, NewerThanKnown, Undecodable, parsed
from schemas.events.order import OrderCancelled, OrderCancelledV1, OrderPaid
from schemas.records import to_record
from tests.support.examples import MOMENT, SCHEMA_IDS, EverySchema, encoder, line, order
from tests.support.generated import events_of


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.event_type)
@settings(max_examples=30)
@given(data=st.data())
def test_any_event_survives_its_way_through_bytes(history, data):
    event = data.draw(events_of(history.newest))

    framed = encoder().encode(event)

    assert Decoder(EverySchema()).decode(framed) == event


def test_the_frame_is_confluents():
    framed = encoder().encode(OrderPaid(order=order()))

    assert framed[0] == 0
    assert int.from_bytes(framed[1:5], "big") == SCHEMA_IDS["order.paid", 1]


@pytest.mark.parametrize(("paid_at", "refund"), [(MOMENT, 280), (None, 0)])
def test_an_old_cancellation_is_read_as_a_new_one(paid_at, refund):
    old = OrderCancelledV1(order=order(status="cancelled", paid_at=paid_at), reason="changed their mind")

    event = Decoder(EverySchema()).decode(framed_by_hand("order.cancelled", 1, old))

    assert event == OrderCancelled(order=old.order, reason="changed their mind", refund_minor=refund)


def test_an_event_with_a_wrong_type_is_refused_by_its_own_writer():
    with pytest.raises(InvalidEvent, match=r"order\.paid"):
        encoder().encode(OrderPaid(order=order(total_minor="a lot")))


def test_an_event_too_large_to_travel_is_refused_by_its_own_writer():
    lines = tuple(line(title="x" * 20_000) for _ in range(300))

    with pytest.raises(InvalidEvent, match="bytes are more than"):
        encoder().encode(OrderPaid(order=order(lines=lines)))


@pytest.mark.parametrize(
    ("framed", "reason"),
    [
        (b"\x00\x00", "too short"),
        (b"{}   ", "first byte is 0x7b"),
        (b"\x00\x00\x00\xff\xffbody", "no schema has the id 65535"),
        (b"\x00" + SCHEMA_IDS["order.paid", 1].to_bytes(4, "big") + b"\xff\xff", "not order.paid v1"),
        (encoder().encode(OrderPaid(order=order())) + b"!", "1 bytes too many"),
        (encoder().encode(OrderPaid(order=order()))[:-9], "not order.paid v1"),
    ],
)
def test_what_is_no_event_says_why(framed, reason):
    with pytest.raises(Undecodable, match=reason):
        Decoder(EverySchema()).decode(framed)


def test_a_version_from_the_future_is_not_guessed_at():
    schemas = EverySchema()
    schemas.texts[99] = schemas.texts[SCHEMA_IDS["order.paid", 1]].replace('"order"', '"whole_order"', 1)

    with pytest.raises(NewerThanKnown, match="schema 99"):
        Decoder(schemas).decode(b"\x00" + (99).to_bytes(4, "big") + b"anything")


def test_an_event_from_the_future_is_not_guessed_at():
    schemas = EverySchema()
    schemas.texts[99] = schemas.texts[SCHEMA_IDS["order.paid", 1]].replace('"paid"', '"teleported"', 1)

    with pytest.raises(NewerThanKnown):
        Decoder(schemas).decode(b"\x00" + (99).to_bytes(4, "big") + b"anything")


def test_an_id_is_looked_up_once():
    class Counting(EverySchema):
        asked = 0

        def text_of(self, schema_id: int) -> str | None:
            self.asked += 1
            return super().text_of(schema_id)

    schemas = Counting()
    decoder = Decoder(schemas)
    framed = Encoder(SCHEMA_IDS).encode(OrderPaid(order=order()))

    decoder.decode(framed)
    decoder.decode(framed)

    assert schemas.asked == 1


def framed_by_hand(event_type: str, version: int, event: object) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, parsed(BY_TYPE[event_type], version), to_record(type(event))(event))
    return b"\x00" + SCHEMA_IDS[event_type, version].to_bytes(4, "big") + out.getvalue()
