"""Every list that the API has, found by what its routes read: a new list joins by itself."""

from collections.abc import Iterator
from typing import get_args

from apiflask import APIFlask

from api.http.route_table import Route, routes_of
from api.use_cases.pages import PageAsked


def lists(app: APIFlask) -> Iterator[tuple[Route, type[PageAsked]]]:
    """Each route with the model of its question."""
    for route in routes_of(app):
        args = getattr(app.view_functions[route.endpoint], "_spec", {}).get("args", ())
        for model, location, *_ in args:
            if location == "query" and isinstance(model, type) and issubclass(model, PageAsked):
                yield route, model


def sorts(model: type[PageAsked]) -> tuple[str, ...]:
    return get_args(model.model_fields["sort"].annotation)
