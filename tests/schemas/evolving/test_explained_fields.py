"""A new field does not get by without anybody saying what it means."""

from dataclasses import dataclass

from schemas.event_history import History
from schemas.evolving.explained_fields import unexplained
from schemas.field_meanings import UNSAID
from tests.schemas.evolving.trees import Tree

ADDED = ("    attributes: Mapping[str, str]\n", "    attributes: Mapping[str, str]\n    hue: str | None\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    sku: str
    heft_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSentV1:
    """It left."""

    parcel: Parcel
    courier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSent:
    """v2: nobody asked for the courier."""

    title: Parcel


def test_each_field_of_today_is_named_once_with_the_line_that_is_missing():
    both = (History("parcel.sent", (ParcelSentV1, ParcelSent)), History("parcel.lost", (ParcelSent,)))

    (found,) = unexplained(both)

    assert (found.rule, found.where) == ("unexplained", "schemas/events/parcel.py Parcel.heft_g")
    assert f'"Parcel.heft_g": "{UNSAID}",' in found.fix


def test_the_check_asks_for_the_line_until_it_says_something(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit("schemas/events/product.py", *ADDED)

    told = tree.check().violations["unexplained"]
    line = told["fix"].partition(":  ")[2]
    begin = "MEANINGS: Final[Mapping[str, str]] = {\n"
    tree.edit("schemas/field_meanings.py", begin, f"{begin}    {line}\n")
    pasted = tree.check().violations
    tree.edit("schemas/field_meanings.py", line, line.replace(UNSAID, "its colour"))
    said = tree.check().violations

    assert told["where"] == "schemas/events/product.py Product.hue"
    assert "unexplained" in pasted
    assert "unexplained" not in said
