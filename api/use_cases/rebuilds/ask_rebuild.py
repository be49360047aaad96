"""Writes down what is to be done about the builds of a read model; the scheduler has it done within seconds."""

from api.domain.errors import NotFound
from api.domain.rebuilds import NotRebuildable, require_possible
from api.store.unit_of_work import UnitOfWork
from sinks import read_models
from sinks.read_model import ReadModel
from sinks.rebuild.rebuild_request import Action, RebuildRequest


def ask_rebuild(
    work: UnitOfWork, name: str, action: Action, *, hold: bool = False, build: str | None = None
) -> RebuildRequest:
    """Raises `NotFound`, `NotRebuildable`, `RebuildGoesOn`, `NoRebuildGoesOn`."""
    model = rebuildable(name).name
    work.take_turns(f"rebuild {model}", alone=True)
    requests = work.rebuild_requests
    require_possible(action, model, requests.get(model), is_rebuilt=requests.is_rebuilt(model))
    request = RebuildRequest(
        id=work.new_id(),
        model=model,
        action=action,
        asked_by=work.cause.actor_id,
        asked_at=work.now,
        hold=hold,
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
        raise NotRebuildable(model.name)
    return model
