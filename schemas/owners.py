"""Who answers for the events of an aggregate? Whoever wants to change one, or depends on one, asks them."""

from collections.abc import Mapping
from typing import Final

#: Aggregate → the people who decide what its events mean.
OWNERS: Final[Mapping[str, str]] = {
    "tenant": "platform",
    "category": "catalogue",
    "product": "catalogue",
    "order": "sales",
    "letter": "operations",
}
