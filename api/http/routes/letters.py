"""Letters: what feeds could not use. A shop's admin sees and decides on the shop's own, an operator on all."""

from collections.abc import Iterator
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, stream_with_context

from api.domain.letters import Buried
from api.http.bodies.letters import (
    ActionAnswer,
    ContentAnswer,
    ExportedLetter,
    GroupAnswer,
    GroupList,
    LetterAnswer,
    LetterPage,
    LettersDone,
    LetterShown,
)
from api.http.command_answers import CommandAnswer, carry_out, cause
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import access, requires
from api.use_cases.letters import decide_letters, read_letters
from api.use_cases.letters import edit_letter as editing
from api.use_cases.letters import export_letters as exporting
from api.use_cases.letters.commands import (
    LetterDiscard,
    LetterEdit,
    LetterPageAsked,
    LettersDiscarded,
    LettersReplayed,
    LettersSought,
)

letters = APIBlueprint("letters", __name__, url_prefix="/v1/letters", tag="Letters")


@letters.get("")
@requires("letters:list")
@letters.input(LetterPageAsked, location="query")
@letters.output(LetterPage)
def list_letters(query_data: LetterPageAsked) -> LetterPage:
    """Letters that match, those that failed first first"""
    page = look_up(lambda view: read_letters.list_letters(view, query_data))
    return LetterPage(items=[LetterAnswer.of(letter) for letter in page.items], next_cursor=page.next_cursor)


@letters.get("/groups")
@requires("letters:list")
@letters.input(LettersSought, location="query")
@letters.output(GroupList)
def list_groups(query_data: LettersSought) -> GroupList:
    """Letters that match, by what caused them, the largest group first"""
    groups = look_up(lambda view: read_letters.list_groups(view, query_data))
    return GroupList(items=[GroupAnswer.model_validate(group) for group in groups])


@letters.get("/export")
@requires("letters:export")
@letters.input(LettersSought, location="query")
def export_letters(query_data: LettersSought) -> Response:
    """Letters that match, a JSON document a line, bytes in base64"""
    own = dependencies()
    exported = exporting.export_letters(own.store, access(), cause(), query_data, own.clock())

    def lines() -> Iterator[str]:
        for letter in exported:
            yield f"{ExportedLetter.line(letter).model_dump_json()}\n"

    return Response(stream_with_context(lines()), content_type="application/x-ndjson")


@letters.get("/<uuid:letter_id>")
@requires("letters:read")
@letters.output(LetterShown)
def get_letter(letter_id: UUID) -> LetterShown:
    """One letter: why, its event as far as it decodes, its bytes, and what was done about it"""
    shown = look_up(lambda view: read_letters.get_letter(view, letter_id))
    held = shown.letter
    return LetterShown.of(
        held,
        original=ContentAnswer.of(held.original, *shown.original),
        edited=None if held.edited is None or shown.edited is None else ContentAnswer.of(held.edited, *shown.edited),
        done=[ActionAnswer.model_validate(done) for done in shown.done],
    )


@letters.patch("/<uuid:letter_id>")
@requires("letters:update")
@letters.input(LetterEdit)
@letters.output(LetterAnswer)
def edit_letter(letter_id: UUID, json_data: LetterEdit) -> Response:
    """Write what the feed is to try instead; the original stays"""
    return carry_out(lambda work: _answer(editing.edit_letter(work, letter_id, json_data)))


@letters.post("/<uuid:letter_id>/replay")
@requires("letters:update")
@letters.output(LetterAnswer)
def replay_letter(letter_id: UUID) -> Response:
    """Let the feed that buried it try it again"""
    return carry_out(lambda work: _answer(decide_letters.replay_letter(work, letter_id)))


@letters.post("/<uuid:letter_id>/discard")
@requires("letters:delete")
@letters.input(LetterDiscard)
@letters.output(LetterAnswer)
def discard_letter(letter_id: UUID, json_data: LetterDiscard) -> Response:
    """Give it up, with a reason"""
    return carry_out(lambda work: _answer(decide_letters.discard_letter(work, letter_id, json_data)))


@letters.post("/replay")
@requires("letters:update")
@letters.input(LettersReplayed)
@letters.output(LettersDone)
def replay_letters(json_data: LettersReplayed) -> Response:
    """Let feeds try again what matches: a group, a time range"""
    return carry_out(lambda work: _decided(decide_letters.replay_letters(work, json_data)))


@letters.post("/discard")
@requires("letters:delete")
@letters.input(LettersDiscarded)
@letters.output(LettersDone)
def discard_letters(json_data: LettersDiscarded) -> Response:
    """Give up what matches, with a reason"""
    return carry_out(lambda work: _decided(decide_letters.discard_letters(work, json_data)))


def _decided(decided: decide_letters.Decided) -> CommandAnswer:
    return CommandAnswer(LettersDone.model_validate(decided))


def _answer(letter: Buried) -> CommandAnswer:
    return CommandAnswer(LetterAnswer.of(letter))
