"""Says which attribute a name means: `brand`, `categories.lvl1`, `options.size`, `attributes.origin`."""

import re
from collections.abc import Mapping
from typing import Final

from api.instantsearch.refusals import NotAsked
from sinks.search.product_choices import Attribute

#: By name; the first are counted when everything is.
PLAIN: Final[Mapping[str, Attribute]] = {
    "brand": Attribute("brand"),
    "tags": Attribute("tag"),
    "in_stock": Attribute("stock"),
    "price": Attribute("price"),
    "_tags": Attribute("tag"),
    "objectID": Attribute("id"),
}
MOST_LEVELS: Final = 10
EVERY: Final = ("brand", "price", "in_stock", "tags", *(f"categories.lvl{level}" for level in range(MOST_LEVELS)))
OPTIONS: Final = "options."
ATTRIBUTES: Final = "attributes."
_LEVEL: Final = re.compile(r"categories\.lvl([0-9])")
_SHOWN: Final = 100


def attribute_named(name: str) -> Attribute:
    """Raises `NotAsked` for a name that means nothing."""
    if name in PLAIN:
        return PLAIN[name]
    if level := _LEVEL.fullmatch(name):
        return Attribute("category", level=int(level[1]))
    for prefix, kind in ((OPTIONS, "option"), (ATTRIBUTES, "attribute")):
        if name.startswith(prefix) and len(name) > len(prefix):
            return Attribute("option" if kind == "option" else "attribute", name.removeprefix(prefix))
    raise NotAsked(
        f"{name[:_SHOWN]} is no attribute: there are brand, price, in_stock, tags, objectID, categories.lvl0 to lvl9,"
        " options.<code> and attributes.<name>"
    )


def is_attribute(name: str) -> bool:
    try:
        attribute_named(name)
    except NotAsked:
        return False
    return True


def countable(name: str) -> Attribute:
    """Raises `NotAsked` for one whose values cannot be counted, too."""
    found = attribute_named(name)
    if found.kind == "id":
        raise NotAsked("objectID has no values to count")
    return found
