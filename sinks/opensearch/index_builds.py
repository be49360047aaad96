"""Knows the builds of a read model in OpenSearch: an index for each collection, and aliases.

`rustok-product-search-products` leads readers to the live one; the same with `.previous` names the one before it, with
`.next` the one that they are to be led to. They are changed in one request, for all collections, so nobody finds
products of one build and categories of another.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from sinks.builds import Build, BuildSize, Led
from sinks.freshness import BUILDING, Freshness
from sinks.opensearch import index_state
from sinks.opensearch.index_reader import read_states
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name, live_alias, next_alias, previous_alias
from sinks.read_model import ReadModel
from sinks.sink import StoreLost, Unavailable


class IndexBuilds:
    """Keeps the promise of `sinks.builds.Builds`."""

    def __init__(self, store: OpenSearchStore, model: ReadModel) -> None:
        self._store = store
        self._model = model
        self._collections = model.collections

    def all(self) -> list[Build]:
        return sorted({build for name in self._there() if (build := Build.at_the_end_of(name)) is not None})

    def led(self) -> Led:
        aliases = self._store.aliases_of(self._pattern())

        def to(alias_of: Callable[[ReadModel, str], str]) -> list[Build | None]:
            """Of each collection."""
            names = [alias_of(self._model, one) for one in self._collections]
            leading = [next((index for index, also in aliases.items() if name in also), "") for name in names]
            return [Build.at_the_end_of(index) for index in leading]

        live, previous, following = to(live_alias), to(previous_alias), to(next_alias)
        return Led(live=_first(live), previous=_first(previous), next=_first(following), whole=len(set(live)) == 1)

    def freshness(self, build: Build) -> Freshness:
        try:
            states = list(read_states(self._store, self._indices(build), as_refreshed=True))
        except StoreLost:  # it is being made
            return Freshness(withheld=BUILDING)
        told = [state for state in states if state is not None]
        return index_state.freshness(told, self._model.complete(Freshness()).expected)

    def size(self, build: Build) -> BuildSize:
        there = set(self._there())
        indices = [index for index in self._indices(build) if index in there]
        documents, size = self._store.size_of(indices) if indices else (0, 0)
        # In one document each says of itself how far it is.
        return BuildSize(documents=max(0, documents - len(indices)), bytes=size)

    def made_at(self, build: Build) -> datetime:
        """Of its indices the newest."""
        found = [self._store.described(index) for index in self._indices(build)]
        made_ms = [int(one["settings"]["index"]["creation_date"]) for one in found if one is not None]
        return datetime.fromtimestamp(max(made_ms, default=0) / 1000, UTC)

    def hand_over(self, build: Build) -> None:
        self._require(build)
        self._store.lead(
            {next_alias(self._model, one): index_name(self._model, one, build) for one in self._collections}
        )

    def lead(self, build: Build) -> None:
        self._require(build)
        before = self.led().live
        leading: dict[str, str | None] = {}
        for one in self._collections:
            leading[live_alias(self._model, one)] = index_name(self._model, one, build)
            leading[next_alias(self._model, one)] = None
            if before not in (None, build):
                leading[previous_alias(self._model, one)] = index_name(self._model, one, before)
        self._store.lead(leading)

    def _require(self, build: Build) -> None:
        """Raises `Unavailable` when an index of it is not there."""
        there = self._there()
        if missing := [index for index in self._indices(build) if index not in there]:
            raise Unavailable(f"there is no index {missing[0]}")

    def _there(self) -> list[str]:
        """The indices of all builds."""
        return list(self._store.aliases_of(self._pattern()))

    def drop(self, build: Build) -> None:
        for index in self._indices(build):
            self._store.drop_index(index)

    def close(self) -> None:
        self._store.close()

    def _pattern(self) -> str:
        return ",".join(f"{live_alias(self._model, one)}-v*" for one in self._collections)

    def _indices(self, build: Build) -> list[str]:
        return [index_name(self._model, collection, build) for collection in self._collections]


def _first(builds: list[Build | None]) -> Build | None:
    return next((build for build in builds if build is not None), None)
