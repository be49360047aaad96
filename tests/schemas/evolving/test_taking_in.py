"""A version that is prepared already is no dead end: what changes inside it is taken in."""

import pytest

from schemas.evolving.new_version import NotPossible, prepare
from tests.schemas.evolving.trees import Tree, explained

ORDER = "schemas/events/order.py"
LAST_FIELD = "    refund_minor: int | None\n"
PARCELS = """
@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSent:
    labels: tuple[Label, ...]
    note: str


HISTORIES = (History("parcel.sent", (ParcelSent,)),)
"""


def test_what_somebody_wrote_into_the_prepared_version_stays(tmp_path):
    (tmp_path / "parcel.py").write_text(PARCELS)
    (first,) = prepare(("parcel.sent",), folder=tmp_path, published={"parcel.py": PARCELS})
    own = first.text.replace("note=old.note", 'note=old.note or "none"')
    (tmp_path / "parcel.py").write_text(own)

    (then,) = prepare((), ("Label",), folder=tmp_path, published={"parcel.py": PARCELS})

    assert (then.events, then.taken_in) == ((), (("parcel.sent", 2),))
    assert dict(then.frozen) == {"Label": "LabelV1"}
    assert "class ParcelSentV1:\n    labels: tuple[LabelV1, ...]\n" in then.text
    assert "labels=tuple(Label.from_previous(each) for each in old.labels)" in then.text
    assert 'note=old.note or "none"' in then.text
    assert 'History("parcel.sent", (ParcelSentV1, ParcelSent))' in then.text


def test_a_class_that_is_prepared_already_is_edited_and_gets_no_further_version(tmp_path):
    (tmp_path / "parcel.py").write_text(PARCELS)
    (first,) = prepare((), ("Label",), folder=tmp_path, published={"parcel.py": PARCELS})
    (tmp_path / "parcel.py").write_text(first.text)

    with pytest.raises(NotPossible, match="version 2 of Label is not published yet: edit its class instead"):
        prepare((), ("Label",), folder=tmp_path, published={"parcel.py": PARCELS})


def test_an_event_prepared_while_a_class_inside_it_was_edited_can_go_on(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit(ORDER, LAST_FIELD, f"{LAST_FIELD}    channel: str | None\n")
    tree.edit(*explained("Order.channel"))
    first = tree.rustok("new-version", "order.placed", "--why", "somebody asked")
    proposed = tree.check().violations["published-changed"]["fix"]

    then = tree.rustok(*proposed.split()[2:], "--why", "somebody asked")
    tree.rustok("render")
    done = tree.check()

    assert "Order is not as it is published, too: rustok schemas new-version --changing Order" in first.said
    assert "order.placed           v2 is not published yet, and takes this in" in then.said
    assert "order.paid             v1 → v2" in then.said
    assert (done.code, done.violations) == (0, {})


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("order.plced", "did you mean order.placed?"),
        ("OrderPlacd", "did you mean order.placed?"),
        ("OrderPlaced", "that is the class of order.placed"),
        ("Order", "for a class inside events: --changing Order"),
        ("order.placed@1", "the next version is made of the newest: write order.placed"),
        ("Box", "`rustok schemas list` names them all"),
        ("a.parcel", "`rustok schemas list` names them all"),
    ],
)
def test_whoever_names_no_event_is_told_what_was_probably_meant(asked, meant):
    with pytest.raises(NotPossible, match=f"there is no event {asked}; .*") as told:
        prepare((asked,))

    assert str(told.value).endswith(meant)
