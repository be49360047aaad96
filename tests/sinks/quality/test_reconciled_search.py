"""What search shows adds up to what PostgreSQL has on sale, or it is said; where it cannot be asked, only that is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from schemas.write_model import OffersOf, OfferSums, ToldOffers
from sinks.quality.check_results import Result
from sinks.quality.reconciled_search import reconciled
from sinks.sink import Unavailable
from sinks.verify_model import ROUNDS, DoesNotAdvance

EUROS = OffersOf(uuid4(), "EUR")
ZLOTYS = replace(EUROS, currency="PLN")
SUMS = OfferSums(products=3, variants=5, lowest_minor=450)


class Both:
    """PostgreSQL, and search. `between` is called when search is asked, as time goes by."""

    def __init__(self) -> None:
        self.told = {EUROS: ToldOffers(SUMS, 9), ZLOTYS: ToldOffers(SUMS, 9)}
        self.held = {EUROS: SUMS, ZLOTYS: SUMS}
        self.between: Callable[[], None] = lambda: None
        self.asked = 0

    def offer_sums(self) -> dict[OffersOf, ToldOffers]:
        return dict(self.told)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def after(self, moment: datetime) -> dict[OffersOf, OfferSums]:
        self.asked += 1
        seen = dict(self.held)
        self.between()
        return seen

    def sell_more(self) -> None:
        before = self.told[EUROS]
        sums = replace(before.sums, products=before.sums.products + 1)
        self.told[EUROS] = ToldOffers(sums, before.versions + 1)
        self.held[EUROS] = sums

    def results(self) -> dict[str, Result]:
        found: Any = reconciled(self, self)  # type: ignore[arg-type]  # all that is asked of it
        return {one.expectation.name.removeprefix("products_in_search_"): one for one in found}

    def outcomes(self) -> dict[str, tuple[str, int]]:
        return {name: (one.outcome, one.broken) for name, one in self.results().items()}


@pytest.fixture
def both() -> Both:
    return Both()


def test_what_is_alike_holds(both):
    assert both.outcomes() == {"add_up_to_the_tables": ("passed", 0), "can_be_compared": ("passed", 0)}
    assert both.asked == 1


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (replace(SUMS, products=2), "products 2, in PostgreSQL 3"),
        (replace(SUMS, variants=6), "variants 6, in PostgreSQL 5"),
        (replace(SUMS, lowest_minor=449), "lowest_minor 449, in PostgreSQL 450"),
    ],
)
def test_what_differs_is_critical_and_says_by_how_much(both, shown, why):
    both.held[ZLOTYS] = shown

    found = both.results()["add_up_to_the_tables"]

    assert (found.outcome, found.broken, found.expectation.severity) == ("failed", 1, "critical")
    assert found.examples == [{"tenant_id": str(ZLOTYS.tenant_id), "currency": "PLN", "is": why}]


def test_a_shop_that_one_of_both_does_not_have_differs(both):
    del both.held[EUROS], both.told[ZLOTYS]

    found = both.results()["add_up_to_the_tables"]

    assert [one["is"] for one in found.examples] == ["search does not show it", "PostgreSQL has none on sale"]


def test_what_changes_meanwhile_is_looked_at_again_and_is_not_wrong(both):
    changes = iter([both.sell_more])
    both.between = lambda: next(changes, lambda: None)()

    assert both.outcomes() == {"add_up_to_the_tables": ("passed", 0), "can_be_compared": ("passed", 0)}
    assert both.asked == 2


def test_what_never_rests_is_said_and_not_called_different(both):
    both.between = both.sell_more

    assert both.outcomes() == {"add_up_to_the_tables": ("passed", 0), "can_be_compared": ("warned", 1)}
    assert both.asked == ROUNDS


@pytest.mark.parametrize("why", [Unavailable("OpenSearch does not answer"), DoesNotAdvance("it is behind")])
def test_of_a_store_that_is_away_or_behind_nothing_else_is_said(both, why):
    def away() -> None:
        raise why

    both.between = away

    (found,) = both.results().values()
    assert (found.expectation.name, found.outcome, found.error) == (
        "products_in_search_can_be_compared",
        "warned",
        str(why),
    )
