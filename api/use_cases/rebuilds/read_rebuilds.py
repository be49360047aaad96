"""Tells which builds of the read models there are, what was found when they were made, and what goes on with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.store.view import View
from api.use_cases.rebuilds.ask_rebuild import rebuildable
from ops.failure import Failure
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS
from sinks.rebuild.rebuild_request import RebuildRequest
from sinks.rebuild.told_builds import TellBuilds, ToldBuild, ToldBuilds


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`is_rebuilt`: somebody makes it again just now, or leads its readers elsewhere, here or by the command."""

    model: ReadModel
    request: RebuildRequest | None
    is_rebuilt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRebuild:
    """`builds` is None when the store does not answer. `last` is the newest report there is."""

    asked: Asked
    builds: tuple[ToldBuild, ...] | None
    last: Mapping[str, Any] | None


def asked_of(view: View, name: str) -> Asked:
    """Raises `NotFound`, `NotRebuildable`."""
    return _asked(view, rebuildable(name))


def asked_of_all(view: View) -> list[Asked]:
    """Of those that can be made again."""
    return [_asked(view, model) for model in READ_MODELS if not model.keeps_every_event]


def shown(asked: Asked, tell: TellBuilds) -> ShownRebuild:
    """To be called when no connection to the database is held: the store of the model may be slow."""
    try:
        told = tell(asked.model)
    except Failure:
        told = None
    return ShownRebuild(asked=asked, builds=None if told is None else told.builds, last=_newest(asked, told))


def _asked(view: View, model: ReadModel) -> Asked:
    requests = view.rebuild_requests
    return Asked(model=model, request=requests.get(model.name), is_rebuilt=requests.is_rebuilt(model.name))


def _newest(asked: Asked, told: ToldBuilds | None) -> Mapping[str, Any] | None:
    """It may have been made at another machine than this one."""
    there = (None if told is None else told.last, None if asked.request is None else asked.request.report)
    return max(filter(None, there), key=lambda one: datetime.fromisoformat(one["at"]), default=None)
