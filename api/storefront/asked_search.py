"""Reads what a visitor asks the search in the address of a page, and says it as `/v1/search/products` takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from api.storefront.amounts import minor_of
from api.use_cases.read_models.search_products import LONGEST_NAMED

SORTS: Final = ("relevance", "price_asc", "price_desc", "newest", "title")
#: What can be chosen several times.
SEVERAL: Final = ("brand", "tag", "option", "attribute")
PER_PAGE: Final = 24
VALUES_SHOWN: Final = 12
_LONGEST: Final = 200
_MOST: Final = 50
#: The last page that can be reached.
DEEPEST_PAGE: Final = 10_000 // PER_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSearch:
    """`wrong` says of a parameter, by the name of a word, what is wrong with it: it is left out then."""

    q: str = ""
    category: str = ""
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_from: str = ""
    price_to: str = ""
    in_stock: bool = False
    sort: str = "relevance"
    page: int = 1
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: "MultiDict[str, str]", currency: str) -> "AskedSearch":
        several = {
            name: tuple(dict.fromkeys(_cut(one, LONGEST_NAMED) for one in given.getlist(name)[:_MOST]))
            for name in SEVERAL
        }
        page, sort = given.get("page", ""), given.get("sort", "")
        asked = cls(
            q=_cut(given.get("q", "")),
            category=_cut(given.get("category", "")),
            several={name: values for name, values in several.items() if values},
            price_from=_cut(given.get("price_from", "")),
            price_to=_cut(given.get("price_to", "")),
            in_stock=given.get("in_stock", "") == "true",
            sort=sort if sort in SORTS else "relevance",
            page=min(max(int(page), 1), DEEPEST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )
        return replace(asked, wrong=asked._wrong(currency))

    @property
    def narrowed(self) -> bool:
        """Whether something is chosen beside the words."""
        return bool(self.category or self.several or self.price_from or self.price_to or self.in_stock)

    @property
    def is_nothing(self) -> bool:
        return not (self.q or self.narrowed) and self.page == 1 and self.sort == "relevance"

    def without(self, name: str, value: str | None = None) -> "AskedSearch":
        """The same with one thing less chosen, from the first page on."""
        if name in SEVERAL:
            left = tuple(one for one in self.several.get(name, ()) if one != value)
            several = {**self.several, name: left}
            return replace(self, several={key: values for key, values in several.items() if values}, page=1)
        nothing: Any = False if name == "in_stock" else ""
        return replace(self, **{name: nothing}, page=1)

    def parameters(self) -> dict[str, Any]:
        """As they stand in the address of the page."""
        return {
            "q": self.q,
            "category": self.category,
            **{name: list(values) for name, values in self.several.items()},
            "price_from": self.price_from,
            "price_to": self.price_to,
            "in_stock": "true" if self.in_stock else "",
            "sort": "" if self.sort == "relevance" else self.sort,
            "page": "" if self.page == 1 else self.page,
        }

    def question(self, currency: str) -> dict[str, Any]:
        """As the API takes it."""
        low, high = (None if name in self.wrong else self._minor(name, currency) for name in ("price_from", "price_to"))
        return {
            "q": self.q,
            "category": self.category or None,
            **{name: list(values) for name, values in self.several.items()},
            "price_min": low,
            "price_max": high,
            "in_stock": "true" if self.in_stock else None,
            "sort": self.sort,
            "page": self.page,
            "per_page": PER_PAGE,
            "facets": ["category", "brand", "price", "stock", "tag", "option", "attribute"],
            "facet_size": VALUES_SHOWN,
        }

    def _minor(self, name: str, currency: str) -> int | None:
        text = getattr(self, name)
        return minor_of(text, currency) if text else None

    def _wrong(self, currency: str) -> dict[str, str]:
        wrong = {
            name: "no_amount"
            for name in ("price_from", "price_to")
            if getattr(self, name) and self._minor(name, currency) is None
        }
        low, high = self._minor("price_from", currency), self._minor("price_to", currency)
        if low is not None and high is not None and low > high:
            wrong["price_to"] = "price_order"
        return wrong


def _cut(text: str, most: int = _LONGEST) -> str:
    return text.strip()[:most].replace("\x00", "")
