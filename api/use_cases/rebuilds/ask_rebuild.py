"""Writes down what is to be done about the builds of a read model; the scheduler has it done within seconds."""

from collections.abc import Sequence

from api.domain.errors import Invalid, NotFound
from api.domain.rebuilds import NotRebuildable, require_possible
from api.store.unit_of_work import UnitOfWork
from sinks import read_models
from sinks.read_model import ReadModel
from sinks.rebuild.rebuild_request import ENDING, ENDS_AS, Action, RebuildRequest, Source


def ask_rebuild(
    work: UnitOfWork,
    name: str,
    action: Action,
    *,
    hold: bool = False,
    source: Source = "log",
    tenants: Sequence[str] = (),
    build: str | None = None,
) -> RebuildRequest:
    """What is ended before anybody began it is ended at once: that request is given, and `resume` asks for it anew.

    Raises `NotFound`, `Invalid` for an unknown shop, `NotRebuildable`, `RebuildGoesOn`, `NoRebuildGoesOn`.
    """
    read_model = rebuildable(name)
    if (tenants or source == "tables") and not read_model.has_truth:
        raise NotRebuildable.from_tables(read_model.name)
    for slug in tenants:
        if work.tenants.by_slug(slug) is None:
            raise Invalid.field("tenants", "unknown", f"There is no shop {slug}.")
    model = read_model.name
    work.take_turns(f"rebuild {model}", alone=True)
    requests = work.rebuild_requests
    held = requests.get(model)
    require_possible(action, model, held, is_rebuilt=requests.is_rebuilt(model))
    if held is not None and action in ENDING and (ended := requests.end_before_it_began(held, ENDS_AS[action])):
        return ended
    if held is not None and action == "resume" and held.was_never_begun:
        action, hold, source, tenants, build = held.action, hold or held.hold, held.source, held.tenants, held.build
    request = RebuildRequest(
        id=work.new_id(),
        model=model,
        action=action,
        asked_by=work.cause.actor_id,
        asked_at=work.now,
        hold=hold,
        source=source,
        tenants=list(tenants),
        build=build,
    )
    requests.ask(request)
    return request


def rebuildable(name: str) -> ReadModel:
    """Raises `NotFound`, `NotRebuildable`."""
    model = read_models.named(name)
    if model is None or model.name != name:
        raise NotFound("read model", name)
    if model.keeps_every_event:
        raise NotRebuildable.from_log(model.name)
    return model
