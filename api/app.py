"""Puts the API together: the application of the shops, the schema registry, InstantSearch and the storefront, each with
its own addresses.
"""

from typing import Final

from apiflask import APIFlask

from api.http.commerce import create_commerce
from api.http.dependencies import Dependencies
from api.http.route_table import METHODS, Route, routes_of
from api.http.routes.health import REGISTRY_NEEDS, health
from api.http.server.mounted_applications import Mounts
from api.instantsearch.app import create_instantsearch
from api.registry.app import create_registry
from api.storefront.app import create_storefront

_OURS: Final = "/v1/"


def create_app(dependencies: Dependencies) -> APIFlask:
    """The application of the shops, with the others mounted beside it. Raises `Undeclared`."""
    registry, instantsearch = create_registry(dependencies), create_instantsearch(dependencies)
    app = create_commerce(dependencies, documented=(registry, instantsearch))
    storefront = create_storefront(dependencies, app.wsgi_app).wsgi_app if dependencies.storefront else None
    app.wsgi_app = Mounts(app.wsgi_app, registry.wsgi_app, instantsearch.wsgi_app, storefront)  # type: ignore[method-assign]  # as Flask's manual has it
    return app


def list_routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """Those of everything that `create_app` puts together but the storefront, whose pages are no calls.

    By address and method: those of the shops first.
    """
    made = (create_commerce(dependencies), create_registry(dependencies), create_instantsearch(dependencies))
    found = [route for app in made for route in routes_of(app)]
    return tuple(sorted(found, key=lambda one: (not one.path.startswith(_OURS), one.path, METHODS.index(one.method))))


def create_registry_alone(dependencies: Dependencies) -> APIFlask:
    """The registry with what every process has: health and metrics."""
    return create_registry(dependencies, besides=(health(REGISTRY_NEEDS, {}),))
