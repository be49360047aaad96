from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass

import pytest

from schemas.avro_records import from_record, to_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...]
    fallen: tuple[tuple[Leaf, ...], ...]
    by_side: Mapping[str, Leaf]
    top: Leaf | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("nothing is smaller than nothing")


TREE = Tree(name="oak", leaves=(Leaf(size=1),), fallen=((Leaf(size=2),), ()), by_side={"n": Leaf(size=3)}, top=None)
RECORD = {
    "name": "oak",
    "leaves": [{"size": 1}],
    "fallen": [[{"size": 2}], []],
    "by_side": {"n": {"size": 3}},
    "top": None,
}


def test_a_class_within_sequences_maps_and_options_goes_both_ways():
    assert to_record(Tree)(TREE) == RECORD
    assert from_record(Tree)(RECORD) == TREE
    assert from_record(Tree)({**RECORD, "top": {"size": 4}}).top == Leaf(size=4)


def test_what_was_read_is_as_frozen_as_what_was_made():
    read = from_record(Leaf)({"size": 1})

    assert type(read) is Leaf
    assert hash(read) == hash(Leaf(size=1))
    with pytest.raises(FrozenInstanceError):
        read.size = 2


def test_a_class_that_checks_itself_does_so_when_it_is_read_too():
    assert from_record(Checked)({"size": 1}) == Checked(size=1)
    with pytest.raises(ValueError, match="smaller than nothing"):
        from_record(Checked)({"size": -1})


def test_a_field_that_is_not_there_is_missed():
    with pytest.raises(KeyError, match="size"):
        from_record(Leaf)({})
