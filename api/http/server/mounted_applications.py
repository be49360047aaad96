"""Which application an address belongs to: the schema registry has roots of its own, everything else is the API's.

What the server has to know of the registry to be in front of it is here, and nothing else of it is known in this room.
"""

from collections.abc import Iterable
from typing import Any, Final

from api.http.server.wsgi_call import Environ, Wsgi

REGISTRY_ROOTS: Final = frozenset(
    {"subjects", "schemas", "config", "mode", "compatibility", "contexts", "associations"}
)
REGISTRY_METADATA: Final = "/v1/metadata/"
#: What its answers are, those that say no as well.
REGISTRY_CONTENT_TYPE: Final = "application/vnd.schemaregistry.v1+json"
#: Clients of registries ask here whether anybody is there.
_ROOT: Final = "/"


def is_registrys(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in REGISTRY_ROOTS or path.startswith(REGISTRY_METADATA)


class Mounts:
    """Two WSGI applications as one; neither knows that the other is there."""

    def __init__(self, api: Wsgi, registry: Wsgi) -> None:
        self._api = api
        self._registry = registry

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        app = self._registry if path == _ROOT or is_registrys(path) else self._api
        return app(environ, start_response)
