"""Writes what a shop of the demo has to say: about itself, delivery and returns, and two posts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ops.demo.shop_client import Shop

_DELIVERY: Final = """\
Our van brings what is in stock **within two days**, from Monday to Saturday.

| Way | Costs |
|---|---|
| Pick up in the store | nothing |
| By our van | 9.95 USD, nothing from 75 USD |

## When nobody is at home

The driver leaves the box at the door, or with a neighbour whom you name. Frozen food always goes back with the van and
comes again the next day.
"""
_RETURNS: Final = """\
Send back what you do not like **within 30 days**: you get your money back.

1. Write us which article it is.
2. Give it to our driver, or bring it to the store.
3. The money is back on the same way within a week.

Fresh and frozen food cannot be returned, unless it arrived spoiled: then keep the receipt, we refund it at once.
"""
_ABOUT: Final = """\
We have been selling groceries in this neighbourhood since our grandparents opened the first store.

- *Fresh*: fruit and vegetables come every morning.
- *Fair*: what is on sale is on sale for everybody.
- *Near*: questions are answered by the people who fill your box.
"""
_SALE: Final = """\
Every week other articles are reduced, and each of them says what it cost before and at least in the 30 days before.

The list is under *Offers of the week*; with `WELCOME10` your first order costs 10 % less.
"""
_FRESH: Final = """\
Strawberries, asparagus and new potatoes are here. They do not keep long: order for the day on which you eat them.
"""
PAGES: Final[Sequence[Mapping[str, Any]]] = (
    {"kind": "page", "handle": "about", "title": "About us", "summary": "Who we are.", "body": _ABOUT},
    {
        "kind": "page",
        "handle": "delivery",
        "title": "Delivery",
        "summary": "When it comes, and what it costs.",
        "body": _DELIVERY,
        "tags": ["help"],
    },
    {
        "kind": "page",
        "handle": "returns",
        "title": "Returns",
        "summary": "How something goes back.",
        "body": _RETURNS,
        "tags": ["help"],
    },
    {"kind": "post", "handle": "how-offers-work", "title": "How our offers work", "body": _SALE, "tags": ["offers"]},
    {"kind": "post", "handle": "spring-is-here", "title": "Spring is here", "body": _FRESH, "tags": ["season"]},
)


def write_pages(shop: Shop) -> None:
    """Those that are not there yet, so that saying it twice changes nothing."""
    there = {(one["kind"], text["handle"]) for one in shop.pages("/v1/pages") for text in one["translations"]}
    for position, page in enumerate(PAGES):
        if (page["kind"], page["handle"]) not in there:
            _write(shop, page, position)


def _write(shop: Shop, page: Mapping[str, Any], position: int) -> None:
    text = {name: page[name] for name in ("title", "handle", "summary", "body") if name in page}
    body = {"kind": page["kind"], "translations": [{"locale": "en", **text}], "tags": page.get("tags", [])}
    made = shop.post("/v1/pages", {**body, "position": position})
    shop.post(f"/v1/pages/{made['id']}/publish", {})
