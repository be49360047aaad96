"""How many points in time somebody may hold, and when there is room again."""

from uuid import UUID, uuid4

from sinks.opensearch.point_holders import Holder, PointHolders, Room

SHOP, OTHER = uuid4(), uuid4()
ROOM = Room(each=2, shop=3, all=4)


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def taken(holders: PointHolders, tenant_id: UUID, who: str) -> UUID | None:
    """The id of what was taken; None: there was no room."""
    id_ = uuid4()
    return id_ if holders.take(id_, Holder(tenant_id, who)) else None


def test_one_holder_a_shop_and_all_together_have_so_much_room_and_no_more() -> None:
    holders = PointHolders(10, Clock(), ROOM)

    assert [bool(taken(holders, SHOP, "one")) for _ in range(3)] == [True, True, False]
    assert [bool(taken(holders, SHOP, "another")) for _ in range(2)] == [True, False]
    assert [bool(taken(holders, OTHER, "one")) for _ in range(2)] == [True, False]


def test_what_is_released_or_not_read_on_leaves_its_place() -> None:
    clock = Clock()
    holders = PointHolders(10, clock, ROOM)
    first, second = taken(holders, SHOP, "one"), taken(holders, SHOP, "one")
    assert first
    assert second

    holders.release(first)
    third = taken(holders, SHOP, "one")
    clock.now_s = 9
    holders.hold(second, Holder(SHOP, "one"), "point 2")
    clock.now_s = 11

    assert third is not None
    assert [bool(taken(holders, SHOP, "one")) for _ in range(2)] == [True, False]


def test_what_is_not_in_the_store_any_more_is_forgotten_and_what_is_being_opened_is_not() -> None:
    holders = PointHolders(10, Clock(), ROOM)
    there, gone = taken(holders, SHOP, "one"), taken(holders, SHOP, "one")
    assert there
    assert gone
    holders.hold(there, Holder(SHOP, "one"), "there")
    holders.hold(gone, Holder(SHOP, "one"), "gone")

    holders.keep_only({"there"})
    opening = taken(holders, SHOP, "one")
    holders.keep_only({"there"})

    assert opening is not None
    assert taken(holders, SHOP, "one") is None


def test_what_another_process_opened_is_read_on_without_asking_for_room() -> None:
    holders = PointHolders(10, Clock(), ROOM)

    for number in range(5):
        holders.hold(uuid4(), Holder(SHOP, "one"), f"point {number}")

    assert taken(holders, SHOP, "one") is None
    assert taken(holders, OTHER, "one") is None
