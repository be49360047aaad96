"""A build has to find what readers found, and may put it into another order."""

from uuid import UUID, uuid4

from sinks.rebuild.found_alike import compared

IDS = [uuid4() for _ in range(100)]
OTHER = uuid4()


def answers(*lost: UUID) -> list[list[UUID]]:
    """Each finds itself, but for those."""
    return [[OTHER] if id_ in lost else [id_, OTHER] for id_ in IDS]


def test_the_same_answers_are_alike() -> None:
    found = compared(IDS, answers(), answers())

    assert (found.asked, found.live, found.build, found.lost, found.alike) == (100, 100, 100, 0, 1.0)
    assert found.holds


def test_another_order_is_alike() -> None:
    assert compared(IDS, answers(), [one[::-1] for one in answers()]).alike == 1.0


def test_two_of_a_hundred_may_be_lost_to_chance_and_three_may_not() -> None:
    assert compared(IDS, answers(), answers(*IDS[:2])).holds
    assert not compared(IDS, answers(), answers(*IDS[:3])).holds


def test_what_readers_did_not_find_either_is_not_lost() -> None:
    found = compared(IDS, answers(*IDS[:50]), answers(*IDS[:50]))

    assert (found.live, found.lost, found.holds) == (50, 0, True)


def test_where_readers_see_what_takes_other_questions_the_build_has_to_find_nearly_all() -> None:
    assert compared(IDS, None, answers(*IDS[:2])).holds
    assert not compared(IDS, None, answers(*IDS[:3])).holds


def test_of_no_product_nothing_is_lost() -> None:
    assert compared([], [], []).holds
