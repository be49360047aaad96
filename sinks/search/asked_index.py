"""Says of a model in OpenSearch what readers see of it and whether it answers, and soon asks no more when it hangs."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Final

from ops.circuit_breaker import Breaker
from ops.clients.client_credentials import SearchServer
from sinks.builds import Build
from sinks.opensearch.index_reader import Readable, readable, versions_of
from sinks.opensearch.opensearch_client import OpenSearchStore
from sinks.read_model import ReadModel
from sinks.sink import Silent, StoreLost, vouched
from sinks.wanted_version import Wanted

#: What an index says of itself is asked for anew after this: an answer is dated so much too early, and never too late.
KEPT_S: Final = 0.1


class AskedIndex:
    """Every method may raise `sinks.sink.Unavailable`."""

    def __init__(
        self,
        server: SearchServer,
        model: ReadModel,
        timeout_s: float = 5.0,
        now_s: Callable[[], float] = time.monotonic,
        build: Build | None = None,
    ) -> None:
        """Of the build that readers are led to, or of this one."""
        self._model = model
        self._build = build
        self._store = OpenSearchStore(server, timeout_s)
        self._breaker = Breaker("opensearch", now_s)
        self._now_s = now_s
        self._kept: tuple[float, Readable] | None = None
        self._seen_s = 0.0

    def close(self) -> None:
        self._store.close()

    def shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        """Those that a search would see, in this version or a newer one; also those of what this model does not read.

        One question for each projection, whoever the tenants are: it is for many who wait at once.
        """
        with self._asking():
            seen = self._shown(wanted)
        if seen:
            self._seen_s = self._now_s()  # who waited for it is answered from what is read after this
        return seen

    def _shown(self, wanted: Collection[Wanted]) -> Collection[Wanted]:
        seen = {one for one in wanted if self._model.projection_for(one.aggregate) is None}
        for projection in self._model.projections:
            asked = [one for one in wanted if self._model.projection_for(one.aggregate) == projection]
            if asked:
                versions = versions_of(self._store, self._model, projection, {one.id for one in asked})
                seen |= {one for one in asked if versions.get((one.tenant_id, one.id), 0) >= one.order}
        return seen

    def ping(self) -> None:
        """Also raises when nobody vouches for what would be found."""
        with self._asking():
            found = readable(self._store, self._model, self._build)
            for alias in found.alias.values():
                self._store.look_at(alias)
        vouched(found.freshness)

    def _readable(self) -> Readable:
        """To be called before anything is searched: what is searched afterwards can only be newer than it says."""
        at_s, kept = self._now_s(), self._kept
        if kept is not None and kept[0] >= self._seen_s and 0 <= at_s - kept[0] < KEPT_S:
            return kept[1]
        found = readable(self._store, self._model, self._build)
        self._kept = at_s, found
        return found

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """An OpenSearch that hangs takes every thread that asks it for seconds: soon nobody asks, for a moment."""
        if not self._breaker.lets_through():
            raise Silent("OpenSearch does not answer, and is asked again in a moment")
        try:
            yield
        except Silent:
            self._breaker.failed()
            raise
        except StoreLost:
            self._kept = None
            raise
        self._breaker.succeeded()
