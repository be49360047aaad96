"""Makes an application with what every one of ours has around its routes: ids, identity, counting, who may read it."""

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask

from api.http import security
from api.http.dependencies import EXTENSION, Dependencies
from api.http.limits import limit_requests
from api.http.middleware import cors, json_bodies, request_ids, request_metrics, security_headers


class Application(APIFlask):
    """Flask looks before each hook and view whether it is a coroutine function; none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def bare_app(name: str, dependencies: Dependencies) -> APIFlask:
    """An application without routes."""
    app = Application(
        name,
        title="RusToK",
        version="1.0",
        spec_path=None,
        docs_path=None,
        enable_openapi=False,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # Flask takes None, APIFlask's hint forgot it
    )
    app.extensions[EXTENSION] = dependencies
    app.url_map.strict_slashes = False
    request_metrics.register(app)
    request_ids.register(app)
    security_headers.register(app)
    cors.register(app)
    security.register(app)
    limit_requests.register(app, dependencies.counters)
    json_bodies.register(app)
    return app
