"""Has a client found everything that is in a record? Moments look different everywhere, the rest as it was written."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tests.integration.registry_clients.conftest import Read

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT.*")


def not_found(decoded: Sequence[Any], records: Sequence[Read]) -> dict[str, list[str]]:
    """By event, what is missing."""
    assert len(decoded) == len(records) > 0
    found: dict[str, list[str]] = {}
    for seen, one in zip(decoded, records, strict=True):
        if missing := Counter(_leaves(one.record)) - Counter(_leaves(seen)):
            found[f"{one.event_type} v{one.version}"] = sorted(missing)
    return found


def _leaves(record: Any) -> list[str]:
    match record:
        case dict():
            return [leaf for value in record.values() for leaf in _leaves(value)]
        case list():
            return [leaf for value in record for leaf in _leaves(value)]
        case bytes():
            return [b64encode(record).decode()]
        case datetime():
            return []
        case str() if MOMENT.fullmatch(record):
            return []
        case _:
            return [str(record)]
