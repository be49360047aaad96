"""Names who answers for the events of an aggregate, and whom to ask before changing or depending on one."""

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
