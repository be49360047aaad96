"""A field that only got another name is asked about, as long as no upcast carries what older events say."""

import json
from dataclasses import dataclass

import pytest

from schemas.event_history import History
from schemas.evolving.renamed_fields import hints
from tests.schemas.evolving.trees import Tree, explained

PRODUCT = "schemas/events/product.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    sku: str
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    sku: str
    remark: str | None
    weight_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSentV1:
    lines: tuple[Line, ...]
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """v2: other words."""

    lines: tuple[NewLine, ...]
    till: str | None
    sales_channel: str | None

    @classmethod
    def from_previous(cls, old: ParcelSentV1) -> "Lost":
        lines = tuple(NewLine(sku=each.sku, remark=None, weight_g=None) for each in old.lines)
        return cls(lines=lines, till=None, sales_channel=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried(Lost):
    """v2: other words."""

    @classmethod
    def from_previous(cls, old: ParcelSentV1) -> "Carried":
        lines = tuple(NewLine(sku=each.sku, remark=each.note, weight_g=None) for each in old.lines)
        return cls(lines=lines, till=None, sales_channel=old.channel)


def test_what_went_is_asked_about_with_what_came_in_its_place():
    lines, channel = hints(History("parcel.sent", (ParcelSentV1, Lost)), 1, 2)

    assert lines.startswith("`lines[].note` went and `lines[].remark` came: is it a rename?")
    assert channel.startswith("`channel` went and `sales_channel` came: is it a rename?")


def test_what_is_carried_is_not_asked_about():
    assert hints(History("parcel.sent", (ParcelSentV1, Carried)), 1, 2) == []


@pytest.fixture
def renamed(tmp_path) -> Tree:
    """`brand` of a product is called `label` in a version that nobody has seen."""
    tree = Tree.published(tmp_path)
    tree.rustok("new-version", "--changing", "Product", "--why", "people read it as a brand's name")
    before, cls, newest = (tmp_path / PRODUCT).read_text().partition("\nclass Product:\n")
    newest = newest.replace("    brand: str | None\n", "    label: str | None\n", 1)
    (tmp_path / PRODUCT).write_text(before + cls + newest.replace("brand=old.brand", "label=None", 1))
    tree.edit(*explained("Product.label"))
    tree.rustok("render")
    return tree


def test_the_check_and_the_difference_hint_at_it_and_nothing_is_broken(renamed):
    checked, told = renamed.rustok("check"), json.loads(renamed.check().said)
    different = renamed.rustok("diff", "product.updated@1", "product.updated")
    renamed.edit(PRODUCT, "label=None", "label=old.brand")
    carried = json.loads(renamed.check().said)

    asked = "`product.brand` went and `product.label` came: is it a rename?"
    assert checked.code == 0
    assert [line for line in checked.said.splitlines() if line.startswith("? product.created@2, ") and asked in line]
    assert [asked in hint["says"] for hint in told["hints"]] == [True, False]  # git does not know the files yet
    assert different.said.splitlines()[-1].startswith(f"? {asked}")
    assert not [hint for hint in carried["hints"] if "rename" in hint["says"]]
