import io

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.avro_records import to_record
from schemas.event_catalogue import BY_TYPE, HISTORIES
from schemas.event_codec import Decoder, Encoder, InvalidEvent, NewerThanKnown, Undecodable, parsed
from schemas.event_json import from_json
from schemas.events.order import OrderPaid
from schemas.evolving import golden_files
from tests.support.examples import SCHEMA_IDS, EverySchema, encoder, line, newest, newest_id, order
from tests.support.generated import events_of

PAID = f"order.paid v{newest('order.paid')}"


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.event_type)
@settings(max_examples=12)
@given(data=st.data())
def test_any_event_survives_its_way_through_bytes(history, data):
    event = data.draw(events_of(history.newest))

    framed = encoder().encode(event)

    assert Decoder(EverySchema()).decode(framed) == event


def test_the_frame_is_confluents():
    framed = encoder().encode(OrderPaid(order=order()))

    assert framed[0] == 0
    assert int.from_bytes(framed[1:5], "big") == newest_id("order.paid")


@pytest.mark.parametrize(("paid_at", "refund"), [("2026-03-01T12:30:00Z", 698), (None, 0)])
def test_an_old_cancellation_is_read_as_a_new_one(paid_at, refund):
    told = golden_files.parsed((golden_files.FOLDER / "order.cancelled.v1.json").read_text()).examples[0].record
    history = BY_TYPE["order.cancelled"]
    old = from_json(history.versions[0], {**told, "order": {**told["order"], "paid_at": paid_at}})

    event = Decoder(EverySchema()).decode(framed_by_hand("order.cancelled", 1, old))

    assert type(event) is history.newest
    assert (event.order.id, event.order.total_minor) == (old.order.id, 698)
    assert (event.reason, event.refund_minor) == ("changed their mind", refund)


@pytest.mark.parametrize(("category", "adjustment"), [("Groceries", -20), (None, 20)])
@pytest.mark.parametrize(("event_type", "version"), [("order.placed", 1), ("order.placed", 2), ("order.edited", 1)])
def test_an_old_line_is_read_as_one_of_pieces_in_its_root_category(event_type, version, category, adjustment):
    told = golden_files.parsed((golden_files.FOLDER / f"{event_type}.v{version}.json").read_text()).examples[0].record
    line = {**told["order"]["lines"][0], "category": category, "adjustment_minor": adjustment}
    old = from_json(BY_TYPE[event_type].versions[version - 1], {"order": {**told["order"], "lines": [line]}})

    (new,) = Decoder(EverySchema()).decode(framed_by_hand(event_type, version, old)).order.lines

    assert (new.category, new.category_path) == (category, () if category is None else (category,))
    assert (new.brand, new.unit, new.list_price_minor) == (None, "piece", None)
    assert (new.adjustment_minor, new.discount_minor) == (adjustment, 20 if adjustment < 0 else 0)


def test_an_old_product_is_read_as_a_new_one_that_says_the_same():
    told = golden_files.parsed((golden_files.FOLDER / "product.updated.v1.json").read_text()).examples[0].record
    product = {**told["product"], "tags": ["Rye", "dark", "rye"], "attributes": {"fat": "3.5", "size": "L"}}
    old = from_json(BY_TYPE["product.updated"].versions[0], {**told, "product": product})

    new = Decoder(EverySchema()).decode(framed_by_hand("product.updated", 1, old)).product

    assert (new.options, new.option_texts, new.related_ids) == (old.product.options, (), ())
    assert new.tags == ("Rye", "dark")
    assert new.attributes == old.product.attributes
    assert [(name, value.text, value.number) for name, value in new.typed_attributes.items()] == [
        ("fat", "3.5", None),
        ("size", "L", None),
    ]
    assert [variant.option_values for variant in new.variants] == [one.option_values for one in old.product.variants]


@pytest.mark.parametrize("version", [1, 2])
def test_what_a_product_was_sold_by_before_anybody_could_say_is_pieces(version):
    told = golden_files.parsed((golden_files.FOLDER / f"product.updated.v{version}.json").read_text()).examples[0]
    old = from_json(BY_TYPE["product.updated"].versions[version - 1], told.record)

    new = Decoder(EverySchema()).decode(framed_by_hand("product.updated", version, old)).product

    assert [variant.unit for variant in new.variants] == ["piece"] * len(told.record["product"]["variants"]) != []


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
        (b"\x00" + newest_id("order.paid").to_bytes(4, "big") + b"\xff\xff", f"not {PAID}"),
        (encoder().encode(OrderPaid(order=order())) + b"!", "1 bytes too many"),
        (encoder().encode(OrderPaid(order=order()))[:-9], f"not {PAID}"),
    ],
)
def test_what_is_no_event_says_why(framed, reason):
    with pytest.raises(Undecodable, match=reason):
        Decoder(EverySchema()).decode(framed)


def test_a_version_from_the_future_is_not_guessed_at():
    schemas = EverySchema()
    schemas.texts[99] = schemas.texts[newest_id("order.paid")].replace('"order"', '"whole_order"', 1)

    with pytest.raises(NewerThanKnown, match="known here"):
        Decoder(schemas).decode(b"\x00" + (99).to_bytes(4, "big") + b"anything")


def test_an_event_from_the_future_is_not_guessed_at():
    schemas = EverySchema()
    schemas.texts[99] = schemas.texts[newest_id("order.paid")].replace('"paid"', '"teleported"', 1)

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
