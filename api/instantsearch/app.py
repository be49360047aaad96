"""InstantSearch as an application of its own: its routes, and around them how its clients call and what they show."""

from apiflask import APIFlask

from api.http import audited_calls, security
from api.http.application import bare_app
from api.http.dependencies import Dependencies
from api.instantsearch import document
from api.instantsearch.calling import Calling
from api.instantsearch.client_errors import refusal
from api.instantsearch.routes import instantsearch


def create_instantsearch(dependencies: Dependencies) -> APIFlask:
    """Raises `Undeclared` for a view nobody may call."""
    app = bare_app(__name__, dependencies)
    app.wsgi_app = Calling(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's manual has it
    app.register_error_handler(Exception, refusal)
    document.register(app)
    app.register_blueprint(instantsearch)
    security.refuse_undeclared(app)
    audited_calls.register(app)
    return app
