"""Puts the API together: the application of the shops and the schema registry, each with its own addresses."""

from typing import Final

from apiflask import APIFlask

from api.http.commerce import create_commerce
from api.http.dependencies import Dependencies
from api.http.route_table import METHODS, Route, routes_of
from api.http.routes.health import REGISTRY_NEEDS, health
from api.http.server.mounted_applications import Mounts
from api.registry.app import create_registry

_OURS: Final = "/v1/"


def create_app(dependencies: Dependencies) -> APIFlask:
    """The application of the shops, with the registry mounted beside it. Raises `Undeclared`."""
    registry = create_registry(dependencies)
    app = create_commerce(dependencies, documented=(registry,))
    app.wsgi_app = Mounts(app.wsgi_app, registry.wsgi_app)  # type: ignore[method-assign]  # as Flask's manual has it
    return app


def list_routes(dependencies: Dependencies) -> tuple[Route, ...]:
    """Those of everything that `create_app` puts together, by address and method: those of the shops first."""
    found = (*routes_of(create_commerce(dependencies)), *routes_of(create_registry(dependencies)))
    return tuple(sorted(found, key=lambda one: (not one.path.startswith(_OURS), one.path, METHODS.index(one.method))))


def create_registry_alone(dependencies: Dependencies) -> APIFlask:
    """The registry with what every process has: health and metrics."""
    return create_registry(dependencies, besides=(health(REGISTRY_NEEDS, {}),))
