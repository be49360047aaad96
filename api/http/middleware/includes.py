"""Reads what a GET is to `include`, before the route does anything: names from the table of its call, with commas.

They are taken off the question, as `fields` are. Who may not ask at all is refused before, and learns nothing of them.
"""

from collections.abc import Collection, Sequence
from typing import Final

from flask import Flask, request

from api.domain.errors import Invalid
from api.http import included_things
from api.http.included_things import INCLUDED, PARAMETER

_READS: Final = frozenset({"GET", "HEAD"})


def register(app: Flask) -> None:
    """After it is known who asks, and before what refuses parameters."""
    app.before_request(_take_off)


def names_in(given: Sequence[str], known: Collection[str]) -> list[str]:
    """Each once. Raises `Invalid` that names what there is."""
    names = list(dict.fromkeys(name.strip() for text in given for name in text.split(",")))
    for name in names:
        if name not in known:
            told = f"There is no {name[:100]} to include: there are {', '.join(sorted(known))}."
            raise Invalid.field(PARAMETER, "unknown_include", told)
    return names


def _take_off() -> None:
    if PARAMETER not in request.args or request.url_rule is None or request.method not in _READS:
        return
    kinds = INCLUDED.get(request.url_rule.endpoint)
    if kinds is None:
        return  # refused as any parameter that nobody knows
    names = names_in(request.args.getlist(PARAMETER), kinds)
    left = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
    request.args = request.parameter_storage_class(left)
    included_things.take(kinds, names)
