"""Letters: what feeds could not use. A shop's admin sees and decides on the shop's own, an operator on all."""

from collections.abc import Iterator
from uuid import UUID

from apiflask import APIBlueprint
from flask import Response, stream_with_context

from api.domain import letters as domain
from api.domain.errors import NotFound
from api.domain.letters import Buried, Content
from api.http import security
from api.http.bodies.letters import (
    ActionAnswer,
    ContentAnswer,
    ExportedLetter,
    GroupAnswer,
    GroupList,
    LetterAnswer,
    LetterDiscard,
    LetterEdit,
    LetterPage,
    LetterPageAsked,
    LettersDiscarded,
    LettersDone,
    LetterShown,
    LettersReplayed,
    LettersSought,
)
from api.http.command_answers import CommandAnswer, carry_out, cause
from api.http.dependencies import dependencies
from api.http.security import requires
from api.store import letters as store
from api.store import schema_ids
from api.store.letters import LetterRows
from api.store.store import NO_TENANT
from api.store.unit_of_work import UnitOfWork
from api.use_cases.letters import decide_letters
from api.use_cases.letters.decide_letters import decide_many, decide_one, found, readable

letters = APIBlueprint("letters", __name__, url_prefix="/v1/letters", tag="Letters")

_MOST_GROUPS = 200
_EXPORTED_AT_ONCE = 100


@letters.get("")
@requires("letters:list")
@letters.input(LetterPageAsked, location="query")
@letters.output(LetterPage)
def list_letters(query_data: LetterPageAsked) -> LetterPage:
    """Letters that match, those that failed first first"""
    tenant_id, platform = _reach()
    with dependencies().store.reading(tenant_id, platform=platform) as connection:
        matching = LetterRows(connection).page(query_data.sought(), query_data.cursor, query_data.limit + 1)
    shown = matching[: query_data.limit]
    next_cursor = shown[-1].id if len(matching) > len(shown) else None
    return LetterPage(items=[LetterAnswer.of(letter) for letter in shown], next_cursor=next_cursor)


@letters.get("/groups")
@requires("letters:list")
@letters.input(LettersSought, location="query")
@letters.output(GroupList)
def list_groups(query_data: LettersSought) -> GroupList:
    """Letters that match, by what caused them, the largest group first"""
    tenant_id, platform = _reach()
    with dependencies().store.reading(tenant_id, platform=platform) as connection:
        groups = LetterRows(connection).groups(query_data.sought(), _MOST_GROUPS)
    return GroupList(items=[GroupAnswer.model_validate(group) for group in groups])


@letters.get("/export")
@requires("letters:export")
@letters.input(LettersSought, location="query")
def export_letters(query_data: LettersSought) -> Response:
    """Letters that match, a JSON document a line, bytes in base64"""
    tenant_id, platform = _reach()
    asked, by = query_data.model_dump(mode="json", exclude_none=True), cause()
    with dependencies().store.reading(tenant_id, platform=platform) as connection:
        done = store.Done(
            action="exported",
            actor_id=by.actor_id,
            at=dependencies().clock(),
            correlation_id=by.correlation_id,
            detail=asked,
        )
        LetterRows(connection).tell(None, done, None if platform else tenant_id)

    def lines() -> Iterator[str]:
        after: UUID | None = None
        while True:
            with dependencies().store.reading(tenant_id, platform=platform) as connection:
                page = LetterRows(connection).page(query_data.sought(), after, _EXPORTED_AT_ONCE)
            for letter in page:
                yield f"{ExportedLetter.line(letter).model_dump_json()}\n"
            if len(page) < _EXPORTED_AT_ONCE:
                return
            after = page[-1].id

    return Response(stream_with_context(lines()), content_type="application/x-ndjson")


@letters.get("/<uuid:letter_id>")
@requires("letters:read")
@letters.output(LetterShown)
def get_letter(letter_id: UUID) -> LetterShown:
    """One letter: why, its event as far as it decodes, its bytes, and what was done about it"""
    tenant_id, platform = _reach()
    with dependencies().store.reading(tenant_id, platform=platform) as connection:
        rows = LetterRows(connection)
        held = rows.get(letter_id)
        if held is None:
            raise NotFound("letter", letter_id)

        def content(of: Content) -> ContentAnswer:
            return ContentAnswer.of(of, *readable(of, lambda schema_id: schema_ids.content_of(connection, schema_id)))

        return LetterShown.of(
            held,
            original=content(held.original),
            edited=None if held.edited is None else content(held.edited),
            done=[ActionAnswer.model_validate(done) for done in rows.told(letter_id)],
        )


@letters.patch("/<uuid:letter_id>")
@requires("letters:update")
@letters.input(LetterEdit)
@letters.output(LetterAnswer)
def edit_letter(letter_id: UUID, json_data: LetterEdit) -> Response:
    """Write what the feed is to try instead; the original stays"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        return _answer(decide_letters.edit(work, found(work, letter_id), json_data))

    return carry_out(decide)


@letters.post("/<uuid:letter_id>/replay")
@requires("letters:update")
@letters.output(LetterAnswer)
def replay_letter(letter_id: UUID) -> Response:
    """Let the feed that buried it try it again"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        held = found(work, letter_id)
        return _answer(decide_one(work, held, domain.replay(held, work.now)))

    return carry_out(decide)


@letters.post("/<uuid:letter_id>/discard")
@requires("letters:delete")
@letters.input(LetterDiscard)
@letters.output(LetterAnswer)
def discard_letter(letter_id: UUID, json_data: LetterDiscard) -> Response:
    """Give it up, with a reason"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        held = found(work, letter_id)
        change = domain.discard(held, json_data.reason, work.now)
        return _answer(decide_one(work, held, change, reason=json_data.reason))

    return carry_out(decide)


@letters.post("/replay")
@requires("letters:update")
@letters.input(LettersReplayed)
@letters.output(LettersDone)
def replay_letters(json_data: LettersReplayed) -> Response:
    """Let feeds try again what matches: a group, a time range"""

    def decide(work: UnitOfWork) -> CommandAnswer:
        return CommandAnswer(decide_many(work, json_data, lambda held: domain.replay(held, work.now)))

    return carry_out(decide)


@letters.post("/discard")
@requires("letters:delete")
@letters.input(LettersDiscarded)
@letters.output(LettersDone)
def discard_letters(json_data: LettersDiscarded) -> Response:
    """Give up what matches, with a reason"""
    reason = json_data.reason

    def decide(work: UnitOfWork) -> CommandAnswer:
        done = decide_many(work, json_data, lambda held: domain.discard(held, reason, work.now), reason=reason)
        return CommandAnswer(done)

    return carry_out(decide)


def _reach() -> tuple[UUID, bool]:
    """Whose letters, and whether all."""
    shop = security.access().tenant
    return (NO_TENANT, True) if shop is None else (shop.id, False)


def _answer(letter: Buried) -> CommandAnswer:
    return CommandAnswer(LetterAnswer.of(letter))
