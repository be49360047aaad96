"""Shows of an answer only the `fields` that were asked for: every GET of the API that answers with a model takes them.

They are taken off the question before the route reads it, and looked at when its answer is there: who may not ask
learns nothing of them. The names are those of the answer's own model, or of each of its `items`; `lines.sku` is of what
is in `lines`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2s
from http import HTTPStatus
from typing import Any, Final, get_args, get_origin

import orjson
from flask import Flask, Response, current_app, g, request
from pydantic import BaseModel

from api.domain.errors import Invalid
from api.http import problems

PARAMETER: Final = "fields"
LONGEST: Final = 1000
_READS: Final = frozenset({"GET", "HEAD"})
_ITEMS: Final = "items"
#: Of a name, which names of what is in it are wanted; None: all.
Chosen = Mapping[str, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Answer:
    """Of each name, the names of what is in it. `listed`: the names are those of each of its items."""

    names: Mapping[str, frozenset[str]]
    listed: bool


def register(app: Flask) -> None:
    """Before what refuses parameters, and after what answers conditional reads: an answer's tag says what is shown."""
    app.before_request(_take_off)
    app.after_request(_show)


def answer_of(view: Any) -> Answer | None:
    """What may be chosen from the answer of a view; None: nothing."""
    model = (getattr(view, "_spec", {}).get("response") or {}).get("schema")
    return _answer(model) if isinstance(model, type) and issubclass(model, BaseModel) else None


def _take_off() -> None:
    if PARAMETER not in request.args or request.url_rule is None or request.method not in _READS:
        return
    answer = answer_of(current_app.view_functions[request.url_rule.endpoint])
    if answer is None or not request.path.startswith("/v1/"):
        return
    g.chosen_fields = (",".join(request.args.getlist(PARAMETER)), answer)
    left = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    request.args = request.parameter_storage_class(left)


def _show(response: Response) -> Response:
    given = g.get("chosen_fields")
    if given is None or response.status_code != HTTPStatus.OK:
        return response
    text, answer = given
    try:
        wanted = chosen(text, answer)
    except Invalid as unknown:
        return problems.answer(unknown)
    told = orjson.loads(response.get_data())
    if answer.listed:
        told[_ITEMS] = [_only(one, wanted) for one in told[_ITEMS]]
    else:
        told = _only(told, wanted)
    response.set_data(orjson.dumps(told))
    tag, weak = response.get_etag()
    if tag is not None:
        response.set_etag(f"{tag}.{_digest(wanted)}", weak=bool(weak))
    return response


def chosen(text: str, answer: Answer) -> Chosen:
    """Raises `Invalid` that names what is not there, and what is."""
    if len(text) > LONGEST:
        raise Invalid.field(PARAMETER, "too_long", f"It is longer than {LONGEST} characters.")
    wanted: dict[str, set[str] | None] = {}
    for name in (one.strip() for one in text.split(",")):
        outer, dot, inner = name.partition(".")
        if outer not in answer.names:
            raise _unknown(name, answer.names)
        if dot and inner not in answer.names[outer]:
            raise _unknown(name, (f"{outer}.{one}" for one in answer.names[outer]))
        if not dot:
            wanted[outer] = None
        elif (others := wanted.setdefault(outer, set())) is not None:
            others.add(inner)
    return {outer: None if inner is None else frozenset(inner) for outer, inner in wanted.items()}


def _unknown(name: str, known: Iterable[str]) -> Invalid:
    there = ", ".join(sorted(known)) or "nothing"
    return Invalid.field(PARAMETER, "unknown_field", f"There is no {name}: there are {there}.")


def _only(told: Any, wanted: Chosen) -> Any:
    return {name: _inner(value, wanted[name]) for name, value in told.items() if name in wanted}


def _inner(told: Any, names: frozenset[str] | None) -> Any:
    if names is None or told is None:
        return told
    if isinstance(told, list):
        return [_inner(one, names) for one in told]
    return {name: value for name, value in told.items() if name in names}


def _digest(wanted: Chosen) -> str:
    told = sorted((outer, sorted(inner or ())) for outer, inner in wanted.items())
    return blake2s(orjson.dumps(told), digest_size=4).hexdigest()


@cache
def _answer(model: type[BaseModel]) -> Answer:
    items = model.model_fields.get(_ITEMS)
    listed = None if items is None else _model_in(items.annotation)
    shown = listed or model
    names = {
        field.serialization_alias or field.alias or name: _names_in(field.annotation)
        for name, field in shown.model_fields.items()
    }
    return Answer(names, listed is not None)


def _names_in(annotation: Any) -> frozenset[str]:
    model = _model_in(annotation)
    return frozenset() if model is None else frozenset(_answer(model).names)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model of what a field holds: itself, one or none of it, or several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is dict:
        return None
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
