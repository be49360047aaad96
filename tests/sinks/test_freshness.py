"""How fresh a read model is, and when nobody vouches for that."""

from datetime import timedelta

from sinks.analytics.sales_facts import MODEL
from sinks.freshness import BUILDING, Freshness, as_text, from_text
from tests.support.examples import MOMENT
from tests.support.whole import whole

FRESH = whole(MODEL)


def test_it_is_as_fresh_as_the_partition_that_is_furthest_behind() -> None:
    behind = Freshness({**FRESH.by_partition, "rustok.order/2": MOMENT - timedelta(seconds=3)})

    assert behind.as_of == MOMENT - timedelta(seconds=3)
    assert (behind.lag_ms(MOMENT), behind.state) == (3000, "fresh")


def test_a_partition_that_has_said_nothing_makes_it_unknown() -> None:
    part = MODEL.complete(Freshness({"rustok.order/0": MOMENT}))

    assert (part.as_of, part.lag_ms(MOMENT), part.state) == (None, None, "unknown")


def test_what_nobody_vouches_for_has_no_age_and_says_why() -> None:
    building, gap = FRESH.withholding(BUILDING), FRESH.withholding("gap: the slot was made anew")

    assert (building.as_of, building.lag_ms(MOMENT), building.state) == (None, None, "building")
    assert (gap.as_of, gap.lag_ms(MOMENT), gap.state) == (None, None, "gap")


def test_measuring_it_against_a_model_keeps_why_nobody_vouches() -> None:
    assert MODEL.complete(FRESH.withholding(BUILDING)).state == "building"


def test_a_store_gives_back_what_it_was_given() -> None:
    for freshness in (FRESH, FRESH.withholding("gap: the slot was made anew"), Freshness()):
        assert from_text(as_text(freshness)) == freshness


def test_an_answer_from_two_read_models_is_as_old_as_the_older_and_vouched_for_by_both() -> None:
    older = Freshness({"rustok.order/0": MOMENT - timedelta(seconds=3)})
    newer = Freshness({"rustok.product/0": MOMENT})

    assert newer.together_with(older).as_of == MOMENT - timedelta(seconds=3)
    assert newer.together_with(older.with_expected(["rustok.order/0", "rustok.order/1"])).state == "unknown"
    assert newer.withholding("gap: lost").together_with(older).state == "gap"
