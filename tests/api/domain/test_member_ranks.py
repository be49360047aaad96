import random

from hypothesis import given
from hypothesis import strategies as st

from api.domain.member_ranks import GAP, ranked

members = st.lists(st.integers(0, 40), unique=True)


@given(members, members)
def test_ranks_rise_in_the_order_asked_for(before: list[int], after: list[int]) -> None:
    ranks = ranked(after, ranked(before, {}))

    assert list(ranks) != [] or after == []
    assert sorted(ranks) == sorted(after)
    assert sorted(after, key=ranks.__getitem__) == after
    assert len(set(ranks.values())) == len(after)


@given(st.lists(st.integers(0, 40), unique=True, min_size=1), st.data())
def test_what_is_put_in_between_changes_no_rank_of_the_others(order: list[int], data: st.DataObject) -> None:
    held = ranked(order, {})
    at = data.draw(st.integers(0, len(order)))

    ranks = ranked([*order[:at], 99, *order[at:]], held)

    assert {one: ranks[one] for one in order} == held


def test_what_is_moved_changes_its_own_rank_alone() -> None:
    held = ranked(range(1000), {})

    first_to_last = ranked([*range(1, 1000), 0], held)
    last_to_first = ranked([999, *range(999)], held)

    assert [one for one in range(1000) if first_to_last[one] != held[one]] == [0]
    assert [one for one in range(1000) if last_to_first[one] != held[one]] == [999]


def test_where_there_is_no_room_left_all_are_ranked_anew() -> None:
    order, ranks = [0, 1], ranked([0, 1], {})
    anew = 0
    for number in range(2, 200):
        order = [0, number, *order[1:]]
        before, ranks = ranks, ranked(order, ranks)
        anew += ranks[1] != before[1]
        assert sorted(order, key=ranks.__getitem__) == order

    assert 1 <= anew <= 199 // 39 + 1


def test_a_rank_stays_within_what_the_database_can_hold() -> None:
    far = {0: 2**62 - 1, 1: -(2**62) + 1}
    shuffled = list(range(2, 1000))
    random.Random(1).shuffle(shuffled)

    for order in ([0, *shuffled], [*shuffled, 1]):
        assert all(abs(rank) < 2**62 for rank in ranked(order, far).values())
    assert ranked([5], {}) == {5: GAP}
