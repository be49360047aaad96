"""What is the API? Its blueprints, and around them: ids, identity, problems, counting and the document about it all."""

from collections.abc import Sequence
from typing import Final

from apiflask import APIBlueprint, APIFlask

from api import cors, documenting, observing, parameters, problems, reading, revalidating, security, tracing
from api.dependencies import EXTENSION, Dependencies
from api.registry.addressing import Addressing, NameConverter
from api.registry.remembered import Remembered
from api.registry.routes import ROUTES as REGISTRY
from api.registry.routes import answers as registry_answers
from api.routes.analytics import analytics
from api.routes.categories import categories
from api.routes.documents import documents
from api.routes.health import API_NEEDS, READ_MODELS, REGISTRY_NEEDS, health
from api.routes.imports import imports
from api.routes.letters import letters
from api.routes.orders import orders
from api.routes.products import products
from api.routes.search import search
from api.routes.tenants import tenants

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
    observing.register(app)
    tracing.register(app)
    cors.register(app)
    security.register(app)
    parameters.register(app)
    reading.register(app)
    revalidating.register(app)
    problems.register(app)
    documenting.register(app)
    registry_answers.register(app)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    return app
