"""What the demo's grocer sold: each line is what the till took, in the measure that it counted in."""

from collections import Counter
from collections.abc import Iterator

import pytest

from ops.demo.grocer_source import OF_PETROL, PIECE, Grocer, Line


@pytest.fixture(scope="module")
def grocer() -> Grocer:
    return Grocer()


@pytest.fixture(scope="module")
def store(grocer: Grocer) -> int:
    """The busiest of those that sell petrol."""
    ((store,),) = grocer.ask("SELECT store_id FROM sold WHERE measured GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT ?", 1)
    return int(store)


@pytest.fixture(scope="module")
def lines(grocer: Grocer, store: int) -> list[Line]:
    def sold() -> Iterator[Line]:
        for basket in grocer.baskets(store):
            yield from basket.lines

    return list(sold())


def test_petrol_is_no_pieces(lines: list[Line]) -> None:
    """144 ears of corn are the most that anybody took."""
    most, counted = Counter[str](), Counter[str]()
    for line in lines:
        most[line.unit] = max(most[line.unit], line.quantity)
        counted[line.unit] += 1

    assert set(counted) == {PIECE, OF_PETROL}
    assert most[PIECE] <= 144 < 10_000 < most[OF_PETROL]


def test_a_line_is_what_the_till_took_and_its_discount_what_it_took_less(
    grocer: Grocer, store: int, lines: list[Line]
) -> None:
    ((paid, spared),) = grocer.ask(
        "SELECT sum(paid_minor)::BIGINT, sum(shelf_minor - paid_minor)::BIGINT FROM sold WHERE store_id = ?", store
    )

    assert sum(line.quantity * line.unit_price_minor + line.adjustment_minor for line in lines) == paid
    assert sum(line.discount_minor for line in lines) == spared > 0


def test_no_line_is_sold_above_its_list_price_or_at_a_negative_discount(lines: list[Line]) -> None:
    assert min(line.discount_minor for line in lines) == 0
    assert {line.unit_price_minor for line in lines if line.list_price_minor not in (None, line.unit_price_minor)} == (
        set()
    )
    assert {line.list_price_minor for line in lines if line.unit == OF_PETROL} == {None}
