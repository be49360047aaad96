"""Puts the API together: its blueprints, and around them ids, identity, problems, counting and the document about it
all.
"""

from collections.abc import Sequence
from typing import Final

from apiflask import APIBlueprint, APIFlask

from api.http import openapi, problems, security
from api.http.dependencies import EXTENSION, Dependencies
from api.http.middleware import conditional_reads, cors, json_bodies, query_parameters, request_ids, request_metrics
from api.http.routes.analytics import analytics
from api.http.routes.categories import categories
from api.http.routes.documentation import documents
from api.http.routes.health import API_NEEDS, READ_MODELS, REGISTRY_NEEDS, health
from api.http.routes.imports import imports
from api.http.routes.letters import letters
from api.http.routes.orders import orders
from api.http.routes.products import products
from api.http.routes.search import search
from api.http.routes.tenants import tenants
from api.registry.addresses import Addressing, NameConverter
from api.registry.answer_cache import Remembered
from api.registry.routes import ROUTES as REGISTRY
from api.registry.routes import answers as registry_answers

BLUEPRINTS: Final = (
    tenants,
    categories,
    products,
    orders,
    imports,
    search,
    analytics,
    letters,
    *REGISTRY,
    health(API_NEEDS, READ_MODELS),
    documents,
)


#: A registry alone, with what every process has.
ONLY_REGISTRY: Final = (*REGISTRY, health(REGISTRY_NEEDS, {}))


def create_app(dependencies: Dependencies, blueprints: Sequence[APIBlueprint] = BLUEPRINTS) -> APIFlask:
    """Raises `Undeclared` when a view says nothing about who may call it."""
    app = APIFlask(
        __name__,
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
    app.url_map.converters["name"] = NameConverter
    addressed = Addressing(app.wsgi_app, alone=blueprints is ONLY_REGISTRY)
    app.wsgi_app = Remembered(addressed, dependencies.now_s)  # type: ignore[method-assign]  # as Flask's manual has it
    request_metrics.register(app)
    request_ids.register(app)
    cors.register(app)
    security.register(app)
    query_parameters.register(app)
    json_bodies.register(app)
    conditional_reads.register(app)
    problems.register(app)
    openapi.register(app)
    registry_answers.register(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    return app
