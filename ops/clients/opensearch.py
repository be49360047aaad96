"""Builds every client of OpenSearch."""

import ssl
from typing import Any, Final

import orjson
from opensearchpy import JSONSerializer, OpenSearch, SerializationError

from ops.clients.client_credentials import SearchServer, opensearch_access

#: A host that was away is asked again after so long; then twice and four times as long, as long as another answers.
_AWAY_S: Final = 10
_DOUBLED: Final = 2


def client(server: SearchServer, *, timeout_s: float, connections: int) -> OpenSearch:
    """One that asks each host once, the next one when one is away: whoever calls decides whether to wait and ask again.

    A host that is silent is not away: its answer may only be slow, and so may the others'. Whatever is asked of another
    after the connection broke may have been done already, so everything that is asked may be asked twice.
    """
    access = opensearch_access(server)
    more: dict[str, Any] = {}
    if access.user:
        more["http_auth"] = (access.user, access.password.get_secret_value())
    if access.uses_tls:
        more["ssl_context"] = ssl.create_default_context(cafile=access.ca)
    return OpenSearch(
        list(access.urls),
        timeout=timeout_s,
        max_retries=len(access.urls) - 1,
        retry_on_status=(),  # what one host answers the cluster says
        dead_timeout=_AWAY_S,
        timeout_cutoff=_DOUBLED,
        http_compress=False,
        pool_maxsize=connections,
        serializer=_FastJson(),
        **more,
    )


class _FastJson(JSONSerializer):
    """Reads and writes bodies as the client does, in a third of the time."""

    def loads(self, s: str) -> Any:
        try:
            return orjson.loads(s)
        except ValueError as strange:
            raise SerializationError(s, strange) from strange

    def dumps(self, data: Any) -> Any:
        if isinstance(data, str | bytes):
            return data
        try:
            return orjson.dumps(data, self.default).decode()
        except TypeError as strange:
            raise SerializationError(data, strange) from strange
