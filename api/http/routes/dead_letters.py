"""Dead letters: what feeds could not use. A shop's admin sees and decides on the shop's own, an operator on all."""

from collections.abc import Iterator
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, stream_with_context

from api.domain.dead_letters import StoredDeadLetter
from api.http.answer_words import in_words
from api.http.audited_calls import concerns
from api.http.bodies.dead_letters import (
    ActionAnswer,
    ContentAnswer,
    DeadLetterAnswer,
    DeadLetterPage,
    DeadLettersDone,
    DeadLetterShown,
    ExportedDeadLetter,
    GroupAnswer,
    GroupList,
)
from api.http.command_answers import CommandAnswer, carry_out, cause
from api.http.dependencies import dependencies
from api.http.entity_answers import look_up
from api.http.security import access, requires
from api.use_cases.dead_letters import edit_dead_letter as editing
from api.use_cases.dead_letters import export_dead_letters as exporting
from api.use_cases.dead_letters import read_dead_letters, replay_or_discard
from api.use_cases.dead_letters.commands import (
    DeadLetterDiscard,
    DeadLetterEdit,
    DeadLetterPageAsked,
    DeadLettersDiscarded,
    DeadLettersReplayed,
    DeadLettersSought,
)

dead_letters = APIBlueprint("dead_letters", __name__, url_prefix="/v1/dead-letters", tag="Dead letters")


@dead_letters.get("")
@requires("dead_letters:list")
@dead_letters.input(DeadLetterPageAsked, location="query")
@dead_letters.output(DeadLetterPage)
def list_dead_letters(query_data: DeadLetterPageAsked) -> DeadLetterPage:
    """Dead letters that match, those that failed first first"""
    page = look_up(lambda view: read_dead_letters.list_dead_letters(view, query_data))
    return DeadLetterPage(
        items=[DeadLetterAnswer.of(dead_letter) for dead_letter in page.items], next_cursor=page.next_cursor
    )


@dead_letters.get("/groups")
@requires("dead_letters:list")
@dead_letters.input(DeadLettersSought, location="query")
@dead_letters.output(GroupList)
def list_dead_letter_groups(query_data: DeadLettersSought) -> GroupList:
    """Dead letters that match, by what caused them, the largest group first"""
    groups = look_up(lambda view: read_dead_letters.list_groups(view, query_data))
    return GroupList(items=[GroupAnswer.model_validate(group) for group in groups])


@dead_letters.get("/export")
@requires("dead_letters:export")
@dead_letters.input(DeadLettersSought, location="query")
@dead_letters.doc(responses=in_words("A dead letter a line", "application/x-ndjson"))
def export_dead_letters(query_data: DeadLettersSought) -> Response:
    """Dead letters that match, a JSON document a line, bytes in base64"""
    own = dependencies()
    exported = exporting.export_dead_letters(own.store, access(), cause(), query_data, own.clock())

    def lines() -> Iterator[str]:
        for dead_letter in exported:
            yield f"{ExportedDeadLetter.line(dead_letter).model_dump_json()}\n"

    return Response(stream_with_context(lines()), content_type="application/x-ndjson")


@dead_letters.get("/<uuid:dead_letter_id>")
@requires("dead_letters:read")
@dead_letters.output(DeadLetterShown)
def get_dead_letter(dead_letter_id: UUID) -> DeadLetterShown:
    """One dead letter: why, its event as far as it decodes, its bytes, and what was done about it"""
    shown = look_up(lambda view: read_dead_letters.get_dead_letter(view, dead_letter_id))
    held = shown.dead_letter
    concerns(held.tenant_id)
    return DeadLetterShown.of(
        held,
        original=ContentAnswer.of(held.original, *shown.original),
        edited=None if held.edited is None or shown.edited is None else ContentAnswer.of(held.edited, *shown.edited),
        done=[ActionAnswer.model_validate(done) for done in shown.done],
    )


@dead_letters.patch("/<uuid:dead_letter_id>")
@requires("dead_letters:update")
@dead_letters.input(DeadLetterEdit)
@dead_letters.output(DeadLetterAnswer)
def edit_dead_letter(dead_letter_id: UUID, json_data: DeadLetterEdit) -> Response:
    """Write what the feed is to try instead; the original stays"""
    return carry_out(lambda work: _answer(editing.edit_dead_letter(work, dead_letter_id, json_data)))


@dead_letters.post("/<uuid:dead_letter_id>/replay")
@requires("dead_letters:update")
@dead_letters.output(DeadLetterAnswer)
def replay_dead_letter(dead_letter_id: UUID) -> Response:
    """Let the feed that refused it try it again"""
    return carry_out(lambda work: _answer(replay_or_discard.replay_dead_letter(work, dead_letter_id)))


@dead_letters.post("/<uuid:dead_letter_id>/discard")
@requires("dead_letters:delete")
@dead_letters.input(DeadLetterDiscard)
@dead_letters.output(DeadLetterAnswer)
def discard_dead_letter(dead_letter_id: UUID, json_data: DeadLetterDiscard) -> Response:
    """Give it up, with a reason"""
    return carry_out(lambda work: _answer(replay_or_discard.discard_dead_letter(work, dead_letter_id, json_data)))


@dead_letters.post("/replay")
@requires("dead_letters:update")
@dead_letters.input(DeadLettersReplayed)
@dead_letters.output(DeadLettersDone)
def replay_dead_letters(json_data: DeadLettersReplayed) -> Response:
    """Let feeds try again what matches: a group, a time range"""
    return carry_out(lambda work: _decided(replay_or_discard.replay_dead_letters(work, json_data)))


@dead_letters.post("/discard")
@requires("dead_letters:delete")
@dead_letters.input(DeadLettersDiscarded)
@dead_letters.output(DeadLettersDone)
def discard_dead_letters(json_data: DeadLettersDiscarded) -> Response:
    """Give up what matches, with a reason"""
    return carry_out(lambda work: _decided(replay_or_discard.discard_dead_letters(work, json_data)))


def _decided(decided: replay_or_discard.Decided) -> CommandAnswer:
    return CommandAnswer(DeadLettersDone.model_validate(decided))


def _answer(dead_letter: StoredDeadLetter) -> CommandAnswer:
    return CommandAnswer(DeadLetterAnswer.of(dead_letter))
