"""The schema registry as an application of its own: its routes, and around them its addresses, answers and errors."""

from collections.abc import Sequence

from apiflask import APIBlueprint, APIFlask

from api.http import audited_calls, security
from api.http.application import bare_app
from api.http.dependencies import Dependencies
from api.registry import openapi
from api.registry.addresses import Addressing, NameConverter
from api.registry.answer_cache import AnswerCache
from api.registry.routes import ROUTES
from api.registry.routes.answers import refusal


def create_registry(dependencies: Dependencies, besides: Sequence[APIBlueprint] = ()) -> APIFlask:
    """`besides` are routes it has when it is served alone. Raises `Undeclared` for a view nobody may call."""
    app = bare_app(__name__, dependencies)
    app.url_map.converters["name"] = NameConverter
    app.wsgi_app = AnswerCache(Addressing(app.wsgi_app), dependencies.now_s)  # type: ignore[method-assign]  # as Flask's manual has it
    app.register_error_handler(Exception, refusal)
    openapi.register(app)
    for blueprint in (*ROUTES, *besides):
        app.register_blueprint(blueprint)
    security.refuse_undeclared(app)
    audited_calls.register(app)
    return app
