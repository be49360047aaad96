"""Guesses what somebody meant who named no event: a class, a version, or an event with a slip in it."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches


def no_event(text: str, events: Collection[str], classes: Mapping[str, str] | None = None) -> str:
    """The sentence that says so, and what was probably meant.

    `classes` are given by whoever makes versions: those of events with their event, those inside events with nothing.
    """
    return f"there is no event {text}; {_meant(text, events, classes or {})}"


def _meant(text: str, events: Collection[str], classes: Mapping[str, str]) -> str:
    name, _, version = text.partition("@")
    if version and name in events and classes:
        return f"the next version is made of the newest: write {name}"
    if text in classes:
        event = classes[text]
        return f"that is the class of {event}" if event else f"for a class inside events: --changing {text}"
    aggregate, *rest = re.findall(r"[a-z0-9]+", re.sub(r"([A-Z])", r" \1", name).lower()) or [""]
    spelled = f"{aggregate}.{'_'.join(rest)}"
    near = get_close_matches(spelled, events, n=1) if rest else []
    return f"did you mean {near[0]}?" if near else "`rustok schemas list` names them all"
