"""Rebuilds: read models made again beside the live one. All shops are in them, so it is for the platform's own people.

A call writes down what is to be done; the scheduler has it done.
"""

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, url_for

from api.http.bodies.rebuilds import RebuildAnswer, RebuildList, RebuildRequestAnswer
from api.http.command_answers import CommandAnswer, carry_out
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import requires
from api.use_cases.rebuilds.ask_rebuild import ask_rebuild
from api.use_cases.rebuilds.commands import BuildDrop, RebuildResume, RebuildStart
from api.use_cases.rebuilds.read_rebuilds import asked_of, asked_of_all, shown
from sinks.rebuild.rebuild_request import RebuildRequest

rebuilds = APIBlueprint("rebuilds", __name__, url_prefix="/v1/rebuilds", tag="Rebuilds")


@rebuilds.get("")
@requires("rebuilds:list")
@rebuilds.output(RebuildList)
def list_rebuilds() -> RebuildList:
    """Of each read model that can be made again its builds, and what goes on with them"""
    asked = look_up(asked_of_all)
    return RebuildList(items=[RebuildAnswer.of(shown(one, dependencies().builds)) for one in asked])


@rebuilds.get("/<model>")
@requires("rebuilds:read")
@rebuilds.output(RebuildAnswer)
def get_rebuild(model: str) -> RebuildAnswer:
    """The builds of one read model, what was found last, and what was asked for and how far it is"""
    return RebuildAnswer.of(shown(look_up(lambda view: asked_of(view, model)), dependencies().builds))


@rebuilds.post("/<model>/start")
@requires("rebuilds:update")
@rebuilds.input(RebuildStart)
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def start_rebuild(model: str, json_data: RebuildStart) -> Response:
    """Make it again from the log or from the tables, judge it, and lead readers to it when it is right"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "start", **json_data.model_dump())))


@rebuilds.post("/<model>/resume")
@requires("rebuilds:update")
@rebuilds.input(RebuildResume)
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def resume_rebuild(model: str, json_data: RebuildResume) -> Response:
    """Go on with what was paused or killed, as a start would; it fails where nothing was begun"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "resume", hold=json_data.hold)))


@rebuilds.post("/<model>/promote")
@requires("rebuilds:update")
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def promote_build(model: str) -> Response:
    """Bring the build that waits up to date, judge it again, and lead readers to it"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "promote")))


@rebuilds.post("/<model>/rollback")
@requires("rebuilds:update")
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def roll_back_build(model: str) -> Response:
    """Bring the build that readers saw before up to date, and lead them back"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "rollback")))


@rebuilds.post("/<model>/pause")
@requires("rebuilds:update")
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def pause_rebuild(model: str) -> Response:
    """End what makes it again, wherever it runs; a resume goes on from where it was"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "pause")))


@rebuilds.post("/<model>/cancel")
@requires("rebuilds:delete")
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def cancel_rebuild(model: str) -> Response:
    """End what makes it again, if anything does, and remove what was made; what readers see stays as it is"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "cancel")))


@rebuilds.post("/<model>/drop")
@requires("rebuilds:delete")
@rebuilds.input(BuildDrop)
@rebuilds.output(RebuildRequestAnswer, HTTPStatus.ACCEPTED)
def drop_builds(model: str, json_data: BuildDrop) -> Response:
    """Remove one build, or all that readers are not led to; never the live one"""
    return carry_out(lambda work: _accepted(ask_rebuild(work, model, "drop", build=json_data.build)))


def _accepted(request: RebuildRequest) -> CommandAnswer:
    return CommandAnswer(
        RebuildRequestAnswer.of(request),
        status=HTTPStatus.ACCEPTED,
        location=url_for("rebuilds.get_rebuild", model=request.model),
    )
