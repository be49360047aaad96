"""Says over how many shards and copies an index is spread, and what an index that is there has otherwise.

A shop is in one shard (its id is the routing), so a search asks one shard of each index. Copies can be changed while
everything goes on; the number of shards is an index's for good, so another number takes another build.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_SHARDS: Final = "number_of_shards"
_COPIES: Final = "number_of_replicas"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSpread:
    """`copies`: of each shard, besides the first."""

    shards: int
    copies: int

    def settings(self) -> Mapping[str, int]:
        """As OpenSearch calls them."""
        return {_SHARDS: self.shards, _COPIES: self.copies}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadDifference:
    """`setting` as OpenSearch calls it. One that is not `live` stays with the index."""

    index: str
    setting: str
    wanted: int
    found: int

    @property
    def live(self) -> bool:
        return self.setting == _COPIES


ALONE: Final = IndexSpread(shards=1, copies=0)


def spread_of(described: Mapping[str, Any]) -> IndexSpread:
    """Of an index as OpenSearch describes it."""
    index = described["settings"]["index"]
    return IndexSpread(shards=int(index[_SHARDS]), copies=int(index[_COPIES]))


def differences(index: str, wanted: IndexSpread, found: IndexSpread) -> Iterator[SpreadDifference]:
    """How the index is spread otherwise than wanted."""
    has = found.settings()
    for setting, value in wanted.settings().items():
        if has[setting] != value:
            yield SpreadDifference(index=index, setting=setting, wanted=value, found=has[setting])
