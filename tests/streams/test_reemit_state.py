from dataclasses import replace
from uuid import uuid4

import pytest

from schemas.write_model import Reemission
from streams.reemit_state import PAGE, rate_per_s, reemit

BEGUN = Reemission(id=uuid4(), aggregate="order", tenant_id=None, emitted=0, deletions=0, finished=False)


class Keeper:
    """Has so many to say."""

    def __init__(self, there):
        self.there = there
        self.pages = []

    def go_on(self, reemission, limit):
        self.pages.append(limit)
        said = min(limit, self.there - reemission.emitted)
        return replace(reemission, emitted=reemission.emitted + said, finished=said == 0)


def pace(keeper, rate):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    done = reemit(keeper, BEGUN, rate=rate, clock=lambda: now[0], sleep=sleep, report=lambda _: None)
    return done.emitted, now[0]


def test_it_is_no_faster_than_asked():
    assert pace(Keeper(100), rate=20) == (100, pytest.approx(5.0))


def test_without_a_rate_it_never_pauses():
    keeper = Keeper(1000)

    assert pace(keeper, rate=None) == (1000, 0.0)
    assert set(keeper.pages) == {PAGE}


@pytest.mark.parametrize(("text", "rate"), [("200/s", 200), ("0.5", 0.5), ("7", 7)])
def test_a_rate_is_a_number_a_second(text, rate):
    assert rate_per_s(text) == rate


@pytest.mark.parametrize("text", ["0", "-1/s", "fast", "10/m", ""])
def test_anything_else_is_no_rate(text):
    with pytest.raises(ValueError, match="no rate"):
        rate_per_s(text)
