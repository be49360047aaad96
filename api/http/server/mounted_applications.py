"""Which application an address belongs to: the schema registry, InstantSearch and the storefront have roots of their
own, everything else is the API's.

What the server has to know of them to be in front of them is here, and nothing else of them is known in this room.
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
#: Where clients of InstantSearch begin all their addresses.
INSTANTSEARCH_ROOT: Final = "/search/"
#: Where all pages of the storefront are.
STOREFRONT_ROOT: Final = "/shop/"
STOREFRONT_ASSETS: Final = "/shop/assets/"
#: Clients of registries ask here whether anybody is there.
_ROOT: Final = "/"


def is_registrys(path: str) -> bool:
    return path.lstrip("/").partition("/")[0] in REGISTRY_ROOTS or path.startswith(REGISTRY_METADATA)


def is_instantsearchs(path: str) -> bool:
    return path.startswith(INSTANTSEARCH_ROOT)


def is_storefronts(path: str) -> bool:
    return f"{path}/".startswith(STOREFRONT_ROOT)


class Mounts:
    """WSGI applications as one; none knows that the others are there. Without a storefront its pages are nowhere."""

    def __init__(self, api: Wsgi, registry: Wsgi, instantsearch: Wsgi, storefront: Wsgi | None = None) -> None:
        self._api = api
        self._registry = registry
        self._instantsearch = instantsearch
        self._storefront = storefront or api

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == _ROOT or is_registrys(path):
            return self._registry(environ, start_response)
        if is_storefronts(path):
            return self._storefront(environ, start_response)
        app = self._instantsearch if is_instantsearchs(path) else self._api
        return app(environ, start_response)
