"""A small catalogue with every awkward value, in the search of a shop; and what Python makes of it by counting."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import UUID, uuid4

from ops.settings import Settings
from schemas.events.category import Category, CategoryCreated, CategoryText
from schemas.events.product import AttributeValue, Price, ProductPublished
from schemas.events.stock import StockAdjusted
from schemas.topics import CATEGORIES, PRODUCT_PRICES, PRODUCTS, STOCK
from sinks.freshness import Freshness
from sinks.search import product_documents
from sinks.sink import DocumentChange
from tests.integration.api.shops import Shop
from tests.support.examples import MOMENT, envelope, product, stock, text, variant

#: As a shop may write them: they are values, whatever they mean elsewhere.
BRANDS: Final = (
    "Verde", "Rossi: 1884", "-minus", 'Say "cheese"', "back\\slash", "A > B", "one, two", "O'Neill", "🧀", "מותג",
    "true", "01", "1.0", "x" * 256, "AND", "(open", "*",
)  # fmt: skip
TREE: Final = {
    "Food": {"Cheese": {"Blue": {}, "Hard": {}}, "Bread": {}},
    "Home > Garden": {"Cheese": {}},
    "Toys": {},
}
TAGS: Final = ("promo", "new", "last call")
SIZES: Final = ("S", "M", "L:long", "-5", 'a 6" b')
WORDS: Final = ("cheese", "bread", "knife")


@dataclass(frozen=True)
class Item:
    """What a visitor may see of a product. `path`: the labels of its category from the top."""

    id: UUID
    title: str
    brand: str
    tags: tuple[str, ...]
    prices: tuple[int, ...]
    path: tuple[str, ...]
    size: str
    fat: float
    in_stock: bool

    def values(self, attribute: str) -> tuple[str, ...]:
        """As they are counted."""
        if attribute.startswith("categories.lvl"):
            level = int(attribute[-1])
            return (" > ".join(self.path[: level + 1]),) if len(self.path) > level else ()
        return {
            "brand": (self.brand,),
            "tags": self.tags,
            "in_stock": (str(self.in_stock).lower(),),
            "options.size": (self.size,),
            "attributes.fat": (f"{self.fat:g}",),
        }[attribute]


@dataclass(frozen=True)
class Catalogue:
    items: tuple[Item, ...]
    categories: dict[tuple[str, ...], Category] = field(default_factory=dict)

    def counts(self, items: Sequence[Item], attribute: str) -> dict[str, int]:
        return dict(Counter(value for item in items for value in item.values(attribute)))


def made_catalogue(number: int = 70) -> Catalogue:
    chosen = Random(14)  # the same catalogue each time
    categories = dict(_categories(TREE, ()))
    items = tuple(
        Item(
            id=uuid4(),
            title=f"{chosen.choice(WORDS).title()} {chosen.choice(WORDS)} no. {n}",
            brand=BRANDS[n % len(BRANDS)] if n % 3 else "Verde",
            tags=tuple(sorted(chosen.sample(TAGS, chosen.randint(0, 2)))),
            prices=tuple(sorted({chosen.randint(1, 30) * 50 for _ in range(chosen.randint(1, 2))})),
            path=chosen.choice(list(categories)),
            size=chosen.choice(SIZES),
            fat=chosen.choice((0, 1.5, 30)),
            in_stock=chosen.random() < 0.7,
        )
        for n in range(number)
    )
    return Catalogue(items, categories)


def put_into_search(settings: Settings, shop: Shop, catalogue: Catalogue) -> None:
    with closing(product_documents.MODEL.sink(settings)) as sink:
        sink.open()
        sink.write([*_of_categories(shop, catalogue), *_of_items(shop, catalogue)], {})
        topics = (PRODUCTS, CATEGORIES, STOCK, PRODUCT_PRICES)
        sink.publish(Freshness({f"{topic.name}/{n}": MOMENT for topic in topics for n in range(topic.partitions)}))


def _categories(tree: dict, above: tuple[Category, ...]) -> Iterator[tuple[tuple[str, ...], Category]]:
    for position, (name, below) in enumerate(tree.items()):
        own = uuid4()
        made = Category(
            id=own,
            external_id=None,
            parent_id=above[-1].id if above else None,
            path=(*(one.id for one in above), own),
            position=position,
            translations=(CategoryText(locale="en", name=name, slug=own.hex, description=None),),
        )
        yield tuple(one.translations[0].name.replace(" > ", " › ") for one in (*above, made)), made
        yield from _categories(below, (*above, made))


def _of_categories(shop: Shop, catalogue: Catalogue) -> Iterator[DocumentChange]:
    for one in catalogue.categories.values():
        about = envelope("category.created", tenant_id=shop.id, aggregate_id=one.id)
        yield product_documents.category_document(about, CategoryCreated(category=one))


def _of_items(shop: Shop, catalogue: Catalogue) -> Iterator[DocumentChange]:
    for item in catalogue.items:
        category = catalogue.categories[item.path]
        amounts = tuple(Price(currency="EUR", amount_minor=one, compare_at_minor=None) for one in item.prices)
        sold = [
            variant(sku=f"{item.id.hex[:8]}-{n}", prices=(one,), option_values={"size": item.size})
            for n, one in enumerate(amounts)
        ]
        made = product(
            id=item.id,
            translations=(text("en", item.title, description=f"<p>About {item.title}</p>"),),
            brand=item.brand,
            tags=item.tags,
            variants=tuple(sold),
            options=("size",),
            category_ids=(category.id,),
            category_path_ids=category.path,
            typed_attributes={"fat": AttributeValue(text=None, number=str(item.fat), boolean=None, texts=None)},
        )
        about = envelope("product.published", tenant_id=shop.id, aggregate_id=item.id)
        yield product_documents.product_document(about, ProductPublished(product=made))
        if not item.in_stock:
            for one in sold:
                none = stock(variant_id=one.id, product_id=item.id, on_hand=0)
                counted = StockAdjusted(stock=none, delta=0, reason="count", changed=(), transfer_id=None)
                about = envelope("stock.adjusted", tenant_id=shop.id, aggregate_id=none.id)
                yield product_documents.stock_part(about, counted)
