"""Knows the builds of a read model in OpenSearch: an index for each collection, and aliases.

`rustok-product-search-products` leads readers to the live one; the same with `.previous` names the one before it, with
`.next` the one that they are to be led to. They are changed in one request, for all collections, so nobody finds
products of one build and categories of another.
"""

from sinks.builds import Build, BuildSize
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

    def live(self) -> Build | None:
        return self._led_to([live_alias(self._model, one) for one in self._collections])

    def previous(self) -> Build | None:
        return self._led_to([previous_alias(self._model, one) for one in self._collections])

    def next(self) -> Build | None:
        return self._led_to([next_alias(self._model, one) for one in self._collections])

    def is_led_to(self, build: Build) -> bool:
        """Whether readers are, for every collection: an alias goes with its index."""
        return all(
            self._store.led_to(live_alias(self._model, one)) == index_name(self._model, one, build)
            for one in self._collections
        )

    def size(self, build: Build) -> BuildSize:
        """Of one that is being made just now, what is there of it."""
        there = [index for index in self._indices(build) if index in self._there()]
        documents, size = self._store.size_of(there) if there else (0, 0)
        try:
            states = [
                one for one in read_states(self._store, self._indices(build), as_refreshed=True) if one is not None
            ]
        except StoreLost:
            return BuildSize(documents=documents, bytes=size, freshness=Freshness(withheld=BUILDING))
        told = index_state.freshness(states, self._model.complete(Freshness()).expected)
        # In one document each says of itself how far it is.
        return BuildSize(documents=max(0, documents - len(states)), bytes=size, freshness=told)

    def hand_over(self, build: Build) -> None:
        self._require(build)
        self._store.lead(
            {next_alias(self._model, one): index_name(self._model, one, build) for one in self._collections}
        )

    def lead(self, build: Build) -> None:
        self._require(build)
        before = self.live()
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
        return list(self._store.named_like(",".join(f"{live_alias(self._model, one)}-v*" for one in self._collections)))

    def drop(self, build: Build) -> None:
        for index in self._indices(build):
            self._store.drop_index(index)

    def close(self) -> None:
        self._store.close()

    def _led_to(self, aliases: list[str]) -> Build | None:
        indices = (self._store.led_to(alias) for alias in aliases)
        return next((Build.at_the_end_of(index) for index in indices if index is not None), None)

    def _indices(self, build: Build) -> list[str]:
        return [index_name(self._model, collection, build) for collection in self._collections]
