"""What is the API? Its blueprints, and around them: ids, identity, problems, counting and the document about it all."""

from typing import Final

from apiflask import APIFlask

from api import documenting, observing, problems, reading, security, tracing
from api.dependencies import EXTENSION, Dependencies
from api.registry.routes import registry
from api.routes.analytics import analytics
from api.routes.categories import categories
from api.routes.documents import documents
from api.routes.health import health
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
    registry,
    health,
    documents,
)


def create_app(dependencies: Dependencies) -> APIFlask:
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
    observing.register(app)
    tracing.register(app)
    security.register(app)
    reading.register(app)
    problems.register(app)
    documenting.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    return app
