"""What was made of a shop's documents is made again when one may have changed, and only then."""

from uuid import UUID, uuid4

import pytest

from sinks.search.category_tree import CategoryTree
from sinks.search.kept_of_shops import KeptOfShops

TENANT = uuid4()


class Shop:
    """Its categories, and how often it was asked for what."""

    def __init__(self, most: int = 10) -> None:
        self.now_s = 0.0
        self.newest = (3, 7.0)
        self.asked: list[str] = []
        self.kept = KeptOfShops[CategoryTree](most, lambda tree: len(tree.names), lambda: self.now_s)

    def get(self, read: object = "offset 5", tenant_id: UUID = TENANT) -> CategoryTree:
        return self.kept.get(tenant_id, read, self._newest, self._tree)

    def _newest(self) -> object:
        self.asked.append("newest")
        return self.newest

    def _tree(self) -> CategoryTree:
        self.asked.append("tree")
        return CategoryTree(names={"a": {"en": f"As of {self.newest}"}})


@pytest.fixture
def shop() -> Shop:
    made = Shop()
    made.get()
    made.asked.clear()
    return made


def test_while_the_log_was_not_read_further_nothing_is_asked(shop: Shop) -> None:
    assert shop.get().names == {"a": {"en": "As of (3, 7.0)"}}
    assert shop.asked == []


def test_when_the_log_was_read_further_for_another_shop_the_tree_stays(shop: Shop) -> None:
    shop.get("offset 6")
    shop.get("offset 6")

    assert shop.asked == ["newest"]


def test_when_a_category_of_the_shop_was_written_the_tree_is_read_again(shop: Shop) -> None:
    shop.newest = (3, 8.0)

    assert shop.get("offset 6").names == {"a": {"en": "As of (3, 8.0)"}}
    assert shop.asked == ["newest", "tree"]


def test_what_was_removed_past_the_log_is_noticed_a_second_later(shop: Shop) -> None:
    shop.newest, shop.now_s = (2, 7.0), 1.0

    assert shop.get().names == {"a": {"en": "As of (2, 7.0)"}}


def test_what_is_kept_of_all_shops_together_has_a_bound() -> None:
    shop = Shop(most=2)
    shop.get()
    for _ in range(3):
        shop.get(tenant_id=uuid4())
    shop.asked.clear()

    shop.get()

    assert shop.asked == ["newest", "tree"]


def test_what_is_larger_than_the_bound_is_kept_alone() -> None:
    shop = Shop(most=0)
    shop.get()
    shop.asked.clear()

    shop.get()

    assert shop.asked == []
