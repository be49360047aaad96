from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from ops.home import project_root
from schemas.envelope import from_headers
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import FRAME, Decoder
from schemas.events.product import AttributeValue
from schemas.evolving.golden_files import body
from schemas.evolving.random_events import Generator
from sinks.read_models import READ_MODELS
from streams.contracts import event_sample, other_commit
from streams.contracts.model_impact import impact
from streams.contracts.other_commit import Folded, FoldedSample
from tests.support.examples import newest


@dataclass(frozen=True)
class Texts:
    texts: Mapping[int, str]

    def text_of(self, schema_id):
        return self.texts.get(schema_id)


def folded(*documents, version=1):
    outcomes = [
        [FoldedSample(model="sales", collection="orders", id=str(number), document=document)]
        for number, document in enumerate(documents)
    ]
    return Folded({"sales": version}, outcomes)


def parked(number):
    return Folded({"sales": 1}, [[FoldedSample(model="sales", parked="newer")] for _ in range(number)])


def test_the_same_documents_are_no_impact():
    (found,) = impact("stored", folded({"a": 1}), folded({"a": 1}))

    assert (found.documents, found.changed, found.fields, found.needs_new_version) == (1, 0, (), False)


def test_a_field_is_told_with_its_values_once_for_each_document():
    old, new = {"lines": [{"title": "a"}, {"title": "b"}]}, {"lines": [{"title": "A"}, {"title": "B"}]}

    (found,) = impact("stored", folded(old, old), folded(new, new))

    (field,) = found.fields
    assert (found.changed, field.field, field.documents) == (2, "orders.lines[].title", 2)
    assert [(each.before, each.after) for each in field.examples] == [("a", "A"), ("a", "A")]
    assert found.needs_new_version


def test_a_document_that_is_hidden_now_is_a_change():
    (found,) = impact("stored", folded({"a": 1}), folded(None))

    assert [each.field for each in found.fields] == ["orders (whether it is shown)"]


def test_a_read_model_with_a_new_version_is_built_anew():
    (found,) = impact("stored", folded({"a": 1}), folded({"a": 2}, version=2))

    assert (found.changed, found.versions, found.needs_new_version) == (1, (1, 2), False)


def test_what_the_running_code_parks_is_counted_and_compared_with_what_it_would_have_made():
    (found,) = impact("new", parked(2), folded({"a": 1}, {"a": 2}), folded({"a": 1}, {"a": 1}))

    assert (found.parked, found.documents, found.changed) == (2, 2, 1)


def test_made_events_are_the_same_each_time_and_are_said_in_both_versions():
    history = BY_TYPE["order.cancelled"]

    one, again = event_sample.generated(history, 1, 5), event_sample.generated(history, 1, 5)

    assert one == again
    assert {pair.stored is None for pair in one.pairs} == {False}
    assert {dict(pair.stored.headers)["ce_schemaversion"] for pair in one.pairs if pair.stored} == {b"1"}
    assert {dict(pair.newest.headers)["ce_schemaversion"] for pair in one.pairs} == {
        str(newest("order.cancelled")).encode()
    }


def test_what_the_running_code_has_no_word_for_is_said_in_the_newest_only():
    sample = event_sample.generated(BY_TYPE["order.placed"], 0, 3)

    assert [pair.stored for pair in sample.pairs] == [None, None, None]


def test_any_event_can_be_made():
    generator = Generator()

    for history in BY_TYPE.values():
        assert type(generator.event(history.newest)) is history.newest


@pytest.mark.parametrize("event_type", sorted(BY_TYPE))
def test_every_read_model_makes_something_of_each_event_that_is_made(event_type):
    history = BY_TYPE[event_type]
    folding = [model for model in READ_MODELS if not model.keeps_every_event]
    projections = [one for model in folding for one in model.projections if one.aggregate == history.aggregate]
    sample = event_sample.generated(history, history.newest_version, 40)
    decoder = Decoder(Texts(sample.texts))

    for said in (pair.newest for pair in sample.pairs):
        for projection in projections:
            assert projection.fold(from_headers(said.headers), decoder.decode(said.value)).collection


def test_what_a_fold_cannot_take_is_about_that_record_alone():
    """A feed parks it and goes on, so does a comparison."""
    history = BY_TYPE["product.created"]
    sample = event_sample.generated(history, history.newest_version, 2)
    good, bad = (pair.newest for pair in sample.pairs)
    event = Generator().event(history.newest)
    deep = AttributeValue(text=None, number="deep", boolean=None, texts=None)
    worthless = replace(event, product=replace(event.product, typed_attributes={"depth": deep}))
    bad = replace(bad, value=bad.value[: FRAME.size] + body(history, history.newest_version, worthless))

    records = [(sample.pairs[0].topic, said) for said in (bad, good)]
    wrong, right = (
        {one.model: one for one in each}["product-search"]
        for each in other_commit.fold(project_root(), sample, records, "this tree", "").outcomes
    )

    assert wrong.refused.startswith("InvalidOperation")
    assert (right.refused, right.collection) == ("", "products")
