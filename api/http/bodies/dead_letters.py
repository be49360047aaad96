"""Dead letters in JSON."""

from base64 import b64encode
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from api.domain.dead_letters import Content, StoredDeadLetter
from api.http.bodies.fields import AnswerBody, PageAnswer


class DeadLetterAnswer(AnswerBody):
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
    def of(cls, dead_letter: StoredDeadLetter, **more: Any) -> Self:
        names = cls.model_fields.keys() - more.keys() - {"aggregate_id", "is_edited"}
        return cls(
            **{name: getattr(dead_letter, name) for name in names},
            aggregate_id=dead_letter.content.header("ce_aggregateid"),
            is_edited=dead_letter.edited is not None,
            **more,
        )


class HeaderAnswer(AnswerBody):
    name: str
    value: str | None


class ContentAnswer(AnswerBody):
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


class ActionAnswer(AnswerBody):
    action: str
    actor_id: str
    at: datetime
    correlation_id: str
    detail: dict[str, Any]


class DeadLetterShown(DeadLetterAnswer):
    original: ContentAnswer
    edited: ContentAnswer | None
    done: list[ActionAnswer]


class DeadLetterPage(PageAnswer):
    items: list[DeadLetterAnswer]


class GroupAnswer(AnswerBody):
    """Dead letters of one cause; `pattern` is their reason without what differs, `example` the one that failed last."""

    cause: str
    feed: str
    event_type: str
    error: str
    pattern: str
    count: int
    first_failed_at: datetime
    last_failed_at: datetime
    example: UUID


class GroupList(AnswerBody):
    items: list[GroupAnswer]


class RefusedDeadLetter(AnswerBody):
    id: UUID
    detail: str


class DeadLettersDone(AnswerBody):
    """`more`: there were more than fit into one call; ask again."""

    dead_letters: int
    refused: list[RefusedDeadLetter]
    more: bool


class ExportedDeadLetter(DeadLetterAnswer):
    """One line of an export: the record as it came, in base64."""

    key: str | None
    value: str | None
    headers: list[list[str | None]]

    @classmethod
    def line(cls, dead_letter: StoredDeadLetter) -> Self:
        content = dead_letter.original
        headers = [[name, base64(value)] for name, value in content.headers]
        return cls.of(dead_letter, key=base64(content.key), value=base64(content.value), headers=headers)


def base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()
