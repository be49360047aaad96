"""`rustok schemas new-version` writes source that works at once, and keeps what nobody asked it to change."""

import pytest

from schemas.evolving.new_version import NotPossible, prepare
from tests.schemas.evolving.trees import Tree, explained

ORDER = "schemas/events/order.py"
BEFORE = '''"""What can happen to a parcel?"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    text: str


# A parcel may have more than one label: „Ünïcödé“.
@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """All there is. `Label` comes from the post."""

    labels: tuple[Label, ...]
    customs: Label | None
    by_country: Mapping[str, Label]
    weight_g: int  # what the scales say
    # nothing more for now


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSentV1:
    """It left."""

    parcel: "Parcel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSent:
    """v2: somebody has to know who took it.

    `by` is a name of ours.
    """

    parcel: Parcel
    by: str

    @classmethod
    def from_previous(cls, old: ParcelSentV1) -> "ParcelSent":
        return cls(parcel=old.parcel, by="")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLost:
    """Nobody knows where it is."""

    reason: str


HISTORIES = (
    History("parcel.sent", (ParcelSentV1, ParcelSent)),
    History("parcel.lost", (ParcelLost,)),
)
ParcelEvent = ParcelSent | ParcelLost
'''

AFTER = '''"""What can happen to a parcel?"""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.event_history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelV1:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """v2: the post asks for a code."""

    text: str

    @classmethod
    def from_previous(cls, old: LabelV1) -> "Label":
        """What version 1 said, in the words of version 2."""
        return cls(text=old.text)


# A parcel may have more than one label: „Ünïcödé“.
@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelV1:
    """All there is. `Label` comes from the post."""

    labels: tuple[LabelV1, ...]
    customs: LabelV1 | None
    by_country: Mapping[str, LabelV1]
    weight_g: int  # what the scales say
    # nothing more for now


# A parcel may have more than one label: „Ünïcödé“.
@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """v2: the post asks for a code.

    All there is. `Label` comes from the post.
    """

    labels: tuple[Label, ...]
    customs: Label | None
    by_country: Mapping[str, Label]
    weight_g: int  # what the scales say
    # nothing more for now

    @classmethod
    def from_previous(cls, old: ParcelV1) -> "Parcel":
        """What version 1 said, in the words of version 2."""
        return cls(
            labels=tuple(Label.from_previous(each) for each in old.labels),
            customs=None if old.customs is None else Label.from_previous(old.customs),
            by_country={key: Label.from_previous(each) for key, each in old.by_country.items()},
            weight_g=old.weight_g,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSentV1:
    """It left."""

    parcel: "ParcelV1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSentV2:
    """v2: somebody has to know who took it.

    `by` is a name of ours.
    """

    parcel: ParcelV1
    by: str

    @classmethod
    def from_previous(cls, old: ParcelSentV1) -> "ParcelSentV2":
        return cls(parcel=old.parcel, by="")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSent:
    """v3: the post asks for a code.

    `by` is a name of ours.
    """

    parcel: Parcel
    by: str

    @classmethod
    def from_previous(cls, old: ParcelSentV2) -> "ParcelSent":
        """What version 2 said, in the words of version 3."""
        return cls(parcel=Parcel.from_previous(old.parcel), by=old.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLost:
    """Nobody knows where it is."""

    reason: str


HISTORIES = (
    History("parcel.sent", (ParcelSentV1, ParcelSentV2, ParcelSent)),
    History("parcel.lost", (ParcelLost,)),
)
ParcelEvent = ParcelSent | ParcelLost
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "parcel.py").write_text(BEFORE)
    return tmp_path


def test_a_class_inside_events_changes_with_all_that_holds_it_and_nothing_else(folder):
    (prepared,) = prepare((), ("Label",), "the post asks for a code", folder)

    assert prepared.text == AFTER
    assert prepared.events == (("parcel.sent", 3),)
    assert dict(prepared.frozen) == {"Label": "LabelV1", "Parcel": "ParcelV1", "ParcelSent": "ParcelSentV2"}


def test_an_event_alone_leaves_the_classes_inside_as_they_are(folder):
    (prepared,) = prepare(("parcel.lost",), folder=folder)

    assert prepared.events == (("parcel.lost", 2),)
    assert 'History("parcel.lost", (ParcelLostV1, ParcelLost)),' in prepared.text
    assert prepared.text.startswith(BEFORE[: BEFORE.index("class ParcelLost")])
    assert '"""v2: WHY?\n\n    Nobody knows where it is.\n    """' in prepared.text


def test_a_reason_that_python_would_misread_is_written_so_that_it_does_not(folder):
    (prepared,) = prepare(("parcel.lost",), why='the "post" lost \\N and said """no"""', folder=folder)

    compile(prepared.text, "parcel.py", "exec")
    assert "v2: the 'post' lost /N" in prepared.text


@pytest.mark.parametrize(
    ("events", "changing", "reason"),
    [
        (("parcel.eaten",), (), "there is no event parcel.eaten"),
        ((), ("Box",), "there is no class Box"),
        ((), ("ParcelLost",), "ParcelLost is an event: `rustok schemas new-version parcel.lost`"),
        ((), ("ParcelSentV1",), "ParcelSentV1 is old already"),
    ],
)
def test_what_cannot_get_a_version_is_named(folder, events, changing, reason):
    with pytest.raises(NotPossible, match=reason.replace("(", r"\(")):
        prepare(events, changing, folder=folder)


def test_two_versions_of_the_whole_tree_one_after_the_other_read_what_was_stored_first(tmp_path):
    tree = Tree.published(tmp_path)
    asked = tree.rustok("new-version", "order.placed", "--changing", "Order", "--why", "some are presents")
    tree.edit(
        ORDER,
        "    refund_minor: int | None\n\n    @classmethod",
        "    refund_minor: int | None\n    gift_note: str | None\n\n    @classmethod",
    )
    tree.edit(
        ORDER,
        "            refund_minor=old.refund_minor,\n        )",
        '            refund_minor=old.refund_minor,\n            gift_note="none",\n        )',
    )
    tree.edit(*explained("gift_note", "OrderPlaced.till"))
    rendered = tree.rustok("render")
    first = tree.check()
    tree.commit("order: some are presents")
    tree.rustok("new-version", "order.placed", "--why", "tills are counted")
    tree.edit(
        ORDER,
        "    order: Order\n\n    @classmethod\n    def from_previous(cls, old: OrderPlacedV2)",
        "    order: Order\n    till: str\n\n    @classmethod\n    def from_previous(cls, old: OrderPlacedV2)",
    )
    tree.edit(
        ORDER,
        'old: OrderPlacedV2) -> "OrderPlaced":\n        """What version 2 said, in the words of version 3."""\n'
        "        return cls(order=old.order)",
        'old: OrderPlacedV2) -> "OrderPlaced":\n        """What version 2 said, in the words of version 3."""\n'
        '        return cls(order=old.order, till="1")',
    )
    tree.rustok("render")
    second = tree.check()

    lifted = tree.python(
        "import json\n"
        "from schemas.evolving import golden_files\n"
        "from schemas.event_catalogue import BY_TYPE\n"
        "from schemas.event_codec import Decoder\n"
        "from schemas.avro_schema import text\n"
        "class Ids:\n"
        "    def text_of(self, id_): return text(BY_TYPE['order.placed'], id_)\n"
        "found = []\n"
        "for version in (1, 2, 3):\n"
        "    kept = golden_files.parsed((golden_files.FOLDER / f'order.placed.v{version}.json').read_text())\n"
        "    event = Decoder(Ids()).decode(b'\\0' + version.to_bytes(4, 'big') + kept.examples[0].body)\n"
        "    found.append([type(event).__name__, event.order.gift_note, event.till])\n"
        "print(json.dumps(found))\n"
    )

    assert [line for line in asked.said.splitlines() if "→" in line] == [
        "order.placed           v1 → v2",
        "order.confirmed        v1 → v2",
        "order.paid             v1 → v2",
        "order.cancelled        v2 → v3",
    ]
    assert "wrote tests/golden/order.cancelled.v3.json" in rendered.said
    assert (first.code, first.violations) == (0, {})
    assert (second.code, second.violations) == (0, {})
    assert lifted == [
        ["OrderPlaced", "none", "1"],
        ["OrderPlaced", "gift note", "1"],
        ["OrderPlaced", "gift note", "till"],
    ]
    assert tree.git("status", "--porcelain", "tests/golden").split("\n") == ["?? tests/golden/order.placed.v3.json"]


def test_a_class_that_was_changed_too_early_is_kept_as_it_is_published(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit(
        ORDER,
        "    refund_minor: int | None\n",
        "    refund_minor: int | None\n    gift_note: str | None\n    till: str\n",
    )
    tree.edit(*explained("gift_note", "till"))
    _, *proposed = tree.check().violations["published-changed"]["fix"].split()[1:]
    tree.rustok(*proposed)

    without_till = tree.check()
    tree.edit(ORDER, "            gift_note=None,\n", '            gift_note=None,\n            till="1",\n')
    tree.rustok("render")
    with_till = tree.check()

    assert proposed == ["new-version", "--changing", "Order"]
    assert "missing 1 required keyword-only argument: 'till'" in without_till.violations["golden-unreadable"]["what"]
    assert list(with_till.violations) == ["says-why"]


def test_a_version_that_nobody_has_seen_gets_no_successor(tmp_path):
    tree = Tree.published(tmp_path)
    tree.rustok("new-version", "order.paid")

    again = tree.rustok("new-version", "order.paid")

    assert again.code == 2
    assert "order.paid v2 is not published yet (git:main has v1): edit its class instead." in again.said


def test_a_dry_run_changes_nothing(tmp_path):
    tree = Tree.published(tmp_path)

    done = tree.rustok("new-version", "--changing", "Variant", "--dry-run")

    assert "Product as it was would be ProductV1\n" in done.said
    assert tree.git("status", "--porcelain") == ""
