"""OpenSearch finds its disk full and lets nobody write, by its own watermarks: more has to be free than there is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support.stack import Stack
from tests.support.waiting import wait_until

#: OpenSearch looks at its disk every so often: no more often than this.
LOOKS_EVERY = "10s"
SEEN_WITHIN_S = 90


def watermarks(free: str | None) -> Mapping[str, Any]:
    """How much has to be free; None: what is set for this stack, whose disk is never looked at."""
    disk = "cluster.routing.allocation.disk"
    return {
        f"{disk}.threshold_enabled": None if free is None else True,
        f"{disk}.watermark.low": free,
        f"{disk}.watermark.high": free,
        f"{disk}.watermark.flood_stage": free,
        "cluster.info.update.interval": None if free is None else LOOKS_EVERY,
    }


@contextmanager
def flood_stage(stack: Stack) -> Iterator[None]:
    """OpenSearch's own: more has to be free than any disk has. It takes its block away itself when there is room."""
    with httpx.Client(base_url=stack.settings.opensearch_url, timeout=30) as opensearch:

        def ask_for(free: str | None) -> None:
            opensearch.put("/_cluster/settings", json={"transient": watermarks(free)}).raise_for_status()

        def blocked() -> bool:
            found = opensearch.get("/rustok-*/_settings/index.blocks.*").json()
            return "read_only_allow_delete" in str(found)

        def makes_no_index() -> bool:
            found = opensearch.get("/_cluster/settings", params={"flat_settings": "true"}).json()
            return "cluster.blocks.create_index" in found["persistent"]

        ask_for("1000tb")
        try:
            wait_until(blocked, SEEN_WITHIN_S, "OpenSearch finds its disk full")
            yield
        finally:
            ask_for("1mb")
            wait_until(lambda: not blocked() and not makes_no_index(), SEEN_WITHIN_S, "OpenSearch finds room")
            ask_for(None)
