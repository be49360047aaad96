"""Builds every client of OpenSearch."""

import ssl
from typing import Any

from opensearchpy import OpenSearch

from ops.clients.client_credentials import SearchServer, opensearch_access


def client(server: SearchServer, *, timeout_s: float, connections: int) -> OpenSearch:
    """One that asks once: whoever calls decides whether to wait and ask again."""
    access = opensearch_access(server)
    more: dict[str, Any] = {}
    if access.user:
        more["http_auth"] = (access.user, access.password.get_secret_value())
    if access.url.startswith("https:"):
        more["ssl_context"] = ssl.create_default_context(cafile=access.ca)
    return OpenSearch(
        access.url, timeout=timeout_s, max_retries=0, http_compress=False, pool_maxsize=connections, **more
    )
