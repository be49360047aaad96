"""Bytes that were published are read for ever, and nobody changes them unnoticed."""

import json
from dataclasses import dataclass

import pytest

from schemas import avro_schema
from schemas.event_catalogue import BY_TYPE
from schemas.event_codec import Decoder
from schemas.event_history import History
from schemas.evolving import golden_files
from tests.schemas.evolving.trees import Tree

FILES = sorted(golden_files.FOLDER.glob("*.json"))
ADDED_TO_ORDER = ("    refund_minor: int | None\n", "    refund_minor: int | None\n    gift_note: str | None\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_todays_classes_read_every_golden_file_as_it_was_written(path):
    written = golden_files.parsed(path.read_text())

    assert golden_files.wrong(written, BY_TYPE[written.event_type]) == ""


def test_every_version_has_its_golden_file_and_every_file_its_version():
    expected = [golden_files.name_of(history, version) for history, version in avro_schema.every_version()]

    assert [path.name for path in FILES] == sorted(expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_consumer_with_the_committed_schema_decodes_the_golden_bytes_to_the_newest_class(path):
    class Committed:
        def text_of(self, schema_id: int) -> str | None:
            return (avro_schema.FOLDER / f"{path.stem}.avsc").read_text()

    written = golden_files.parsed(path.read_text())

    events = [Decoder(Committed()).decode(b"\0\0\0\0\7" + example.body) for example in written.examples]

    assert [type(event) for event in events] == [BY_TYPE[written.event_type].newest] * len(written.examples)


def test_bytes_that_mean_something_else_now_are_noticed():
    history = BY_TYPE["category.updated"]
    written = golden_files.made(history, 1)
    body = written.examples[0].body
    other = golden_files.GoldenExample(body.replace(b"Groceries", b"Bakeries."), written.examples[0].record)

    reason = golden_files.wrong(golden_files.Golden("category.updated", 1, (other,)), history)

    assert reason == "the bytes are another record now: category.translations.0.name"


def test_an_upcast_that_fails_is_noticed():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class ParcelLost:
        """v2: nothing makes it from version 1."""

        reason: str

    @dataclass(frozen=True, slots=True, kw_only=True)
    class ParcelLostV1:
        """Nobody knows where it is."""

        reason: str

    first = golden_files.made(History("parcel.lost", (ParcelLostV1,)), 1)

    assert "it cannot be read or lifted any more" in golden_files.wrong(
        first, History("parcel.lost", (ParcelLostV1, ParcelLost))
    )


def test_a_class_changed_inside_a_published_version_is_told_with_the_way_to_change_it(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit("schemas/events/order.py", *ADDED_TO_ORDER)

    rendered = tree.rustok("render", "--check")
    checked = tree.check().violations["published-changed"]

    assert rendered.code == 1
    assert "order.gift_note: added, string or null" in rendered.said
    assert "fix   rustok schemas new-version --changing Order\n" in rendered.said
    assert checked["where"] == "order.cancelled@1, order.cancelled@2, order.confirmed@1, order.paid@1, order.placed@1"
    assert checked["fix"] == "rustok schemas new-version --changing Order"


def test_rendering_does_not_write_over_what_is_published(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit("schemas/events/order.py", *ADDED_TO_ORDER)

    done = tree.rustok("render")

    assert done.code == 1
    assert tree.git("status", "--porcelain") == "M schemas/events/order.py"


def test_without_git_a_version_with_a_golden_file_is_published(tmp_path):
    tree = Tree.copied(tmp_path)
    tree.edit("schemas/events/order.py", *ADDED_TO_ORDER)

    done = tree.rustok("render")

    assert done.code == 1
    assert "published-changed" in done.said


def test_what_is_not_published_is_rendered_as_often_as_it_changes(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit(
        "schemas/events/category.py",
        "HISTORIES = (\n",
        '@dataclass(frozen=True, slots=True, kw_only=True)\nclass CategoryHidden:\n    """Nobody sees it."""\n\n'
        '    category: Category\n\n\nHISTORIES = (\n    History("category.hidden", (CategoryHidden,)),\n',
    )
    first = tree.rustok("render")
    tree.edit("schemas/events/category.py", '"""Nobody sees it."""\n', '"""Nobody sees it."""\n\n    reason: str\n')

    second = tree.rustok("render")

    files = ["schemas/avsc/category.hidden.v1.avsc", "tests/golden/category.hidden.v1.json"]
    assert first.said.splitlines() == second.said.splitlines() == [f"wrote {path}" for path in files]
    assert json.loads((tree.root / files[1]).read_text())["examples"][0]["record"]["reason"] == "changed their mind"
    assert tree.rustok("render", "--check").code == 0
