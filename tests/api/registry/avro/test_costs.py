"""What a schema costs to check grows with its text, however it is nested. Steps are counted, not seconds."""

import json

import pytest

from api.registry.avro.compatibility import Level, check
from api.registry.avro.schema_text import parse
from api.registry.avro.step_limit import InvalidSchema, StepLimit, TooCostly
from tests.api.registry.avro.costly import Json, doubling, record


def nested_unions(depth: int) -> str:
    """A value that each level may take for either of two records, down to one that fits neither."""
    names = ["A0", "B0"]
    defined = [record("A0", f={"type": "int"}), record("B0", f={"type": "int"})]
    value: Json = {"f": "no int"}
    for level in range(1, depth + 1):
        defined += [record(f"{one}{level}", f={"type": names}) for one in "AB"]
        names = [f"A{level}", f"B{level}"]
        value = {"f": value}
    return json.dumps([*defined, record("Whole", f={"type": names, "default": value})])


def mutual(size: int, kind: str) -> str:
    """Records that all refer to all others, in unions."""
    names = [f"R{number}" for number in range(size)]
    holder = [
        record(name, **{f"f{n}": {"type": ["null", *names[: names.index(name)]]} for n in range(3)}) for name in names
    ]
    return json.dumps([*holder, record("Last", f={"type": kind})])


def test_a_default_of_defaults_costs_what_its_text_is_long() -> None:
    text, steps = doubling(24), StepLimit()

    parse(text, {}, steps)

    assert len(text) < 3000
    assert steps.taken < len(text)


def test_a_value_that_fits_no_branch_is_looked_at_once_for_each() -> None:
    text, steps = nested_unions(24), StepLimit()

    with pytest.raises(InvalidSchema, match="is not a value of its type"):
        parse(text, {}, steps)

    assert steps.taken < len(text)


def test_records_that_refer_to_each_other_are_compared_once_each() -> None:
    old, new, steps = parse(mutual(40, "int"), {}), parse(mutual(40, "long"), {}), StepLimit()

    found = check(Level.FULL, new, [old], steps)

    assert any("TYPE_MISMATCH" in one for one in found)
    assert steps.taken < 100 * len(mutual(40, "int"))


@pytest.mark.parametrize("size", [2000, 4000])
def test_unions_of_very_many_types_are_refused_in_words_and_not_computed(size: int) -> None:
    def union(of: str) -> str:
        return json.dumps([{"type": "fixed", "name": f"{of}{number}", "size": 4} for number in range(size)])

    old, new = parse(union("A"), {}), parse(union("B"), {})
    steps = StepLimit()

    with pytest.raises(TooCostly, match="steps to check"):
        check(Level.FULL_TRANSITIVE, new, [old] * 100, steps)

    assert steps.taken <= 1_000_000 + size


def test_a_long_chain_of_types_is_refused_in_words() -> None:
    chain: list[Json] = [record("R0", f={"type": "int"})]
    other: list[Json] = [record("R0", f={"type": "string"})]
    for number in range(1, 2000):
        for one in (chain, other):
            one.append(record(f"R{number}", f={"type": f"R{number - 1}"}))
    new, old = (
        parse(json.dumps(record("T", f={"type": "R1999"})), {"chain": json.dumps(one)}) for one in (chain, other)
    )

    with pytest.raises(TooCostly, match="too many times"):
        check(Level.BACKWARD, new, [old])


def test_a_text_that_is_too_long_is_not_read() -> None:
    with pytest.raises(InvalidSchema, match="longer than"):
        parse('"' + "a" * 1024 * 1024 + '"', {})


def test_a_default_may_be_right_because_of_one_that_is_found_right_later() -> None:
    """`Outer.inner` may be left out only because `Inner.value`, which comes later in the text, has a default."""
    text = json.dumps(
        [
            record(
                "Outer", inner={"type": ["null", record("Inner", value={"type": "int", "default": 1})], "default": {}}
            ),
            record("Whole", outer={"type": "Outer", "default": {}}),
        ]
    )

    parse(text, {})


def test_a_default_that_needs_itself_has_no_end() -> None:
    with pytest.raises(InvalidSchema, match="is not a value"):
        parse(json.dumps(record("R", again={"type": "R", "default": {}})), {})
