"""Letters in JSON."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.domain.letters import Buried, Content
from api.http.bodies.fields import Answer
from api.http.bodies.fields import PageAnswer as Page
from api.store.letters import Sought
from api.use_cases.fields import Input as Body
from api.use_cases.fields import Moment

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class LettersSought(Body):
    """Which letters. Times are of the last failure."""

    feed: Word | None = Field(
        default=None,
        description="Of this read model: by its id (`sales-v1`), or by its name, then of all its versions.",
    )
    state: Literal["open", "replayed", "applied", "discarded", "any"] = "open"
    cause: Word | None = Field(default=None, description="A group's, as `/v1/letters/groups` names it.")
    event_type: Word | None = None
    error: Word | None = None
    since: Moment | None = None
    until: Moment | None = None

    def sought(self) -> Sought:
        return Sought(
            feed=self.feed,
            state=None if self.state == "any" else self.state,
            cause=self.cause,
            event_type=self.event_type,
            error=self.error,
            since=self.since,
            until=self.until,
        )


class LetterPageAsked(LettersSought):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")


class LettersReplayed(LettersSought):
    """Every letter that matches, up to 200 in one call."""


class LettersDiscarded(LettersSought):
    reason: Reason


class LetterEdit(Body):
    """`event` is the whole event in its newest version. `headers` are for the platform's own people only."""

    event: dict[str, Any]
    event_type: Word | None = Field(default=None, description="The letter's own when it is missing.")
    headers: dict[Word, Annotated[str, StringConstraints(max_length=2000)]] = Field(default={})


class LetterDiscard(Body):
    reason: Reason


class LetterAnswer(Answer):
    id: UUID
    tenant_id: UUID | None
    feed: str
    topic: str
    partition: int
    offset: int
    event_type: str
    aggregate_id: str | None
    error: str
    reason: str
    cause: str
    parked: bool
    attempts: int
    first_failed_at: datetime
    last_failed_at: datetime
    state: str
    is_edited: bool

    @classmethod
    def of(cls, letter: Buried, **more: Any) -> Self:
        names = cls.model_fields.keys() - more.keys() - {"aggregate_id", "is_edited"}
        return cls(
            **{name: getattr(letter, name) for name in names},
            aggregate_id=letter.content.header("ce_aggregateid"),
            is_edited=letter.edited is not None,
            **more,
        )


class HeaderAnswer(Answer):
    name: str
    value: str | None


class ContentAnswer(Answer):
    """`event` is there when the bytes decode; if not, `undecodable` says why. Bytes are base64."""

    key: str | None
    value: str | None
    headers: list[HeaderAnswer]
    event: dict[str, Any] | None
    undecodable: str | None

    @classmethod
    def of(cls, content: Content, event: dict[str, Any] | None, undecodable: str | None) -> Self:
        headers = [
            HeaderAnswer(name=name, value=None if value is None else value.decode(errors="replace"))
            for name, value in content.headers
        ]
        return cls(
            key=base64(content.key),
            value=base64(content.value),
            headers=headers,
            event=event,
            undecodable=undecodable,
        )


class ActionAnswer(Answer):
    action: str
    actor_id: str
    at: datetime
    correlation_id: str
    detail: dict[str, Any]


class LetterShown(LetterAnswer):
    original: ContentAnswer
    edited: ContentAnswer | None
    done: list[ActionAnswer]


class LetterPage(Page):
    items: list[LetterAnswer]


class GroupAnswer(Answer):
    """Letters of one cause; `pattern` is their reason without what differs, `example` the one that failed last."""

    cause: str
    feed: str
    event_type: str
    error: str
    pattern: str
    count: int
    first_failed_at: datetime
    last_failed_at: datetime
    example: UUID


class GroupList(Answer):
    items: list[GroupAnswer]


class RefusedLetter(Answer):
    id: UUID
    detail: str


class LettersDone(Answer):
    """`more`: there were more than fit into one call; ask again."""

    letters: int
    refused: list[RefusedLetter]
    more: bool


class ExportedLetter(LetterAnswer):
    """One line of an export: the record as it came, in base64."""

    key: str | None
    value: str | None
    headers: list[list[str | None]]

    @classmethod
    def line(cls, letter: Buried) -> Self:
        content = letter.original
        headers = [[name, base64(value)] for name, value in content.headers]
        return cls.of(letter, key=base64(content.key), value=base64(content.value), headers=headers)


def base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
