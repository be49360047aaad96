"""What people ask of dead letters and command."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from api.store.dead_letters import Sought
from api.use_cases.fields import Input, Moment

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]


class DeadLettersSought(Input):
    """Which dead letters. Times are of the last failure."""

    feed: Word | None = Field(
        default=None,
        description="Of this read model: by its id (`sales-v1`), or by its name, then of all its versions.",
    )
    state: Literal["open", "replayed", "applied", "discarded", "any"] = "open"
    cause: Word | None = Field(default=None, description="A group's, as `/v1/dead-letters/groups` names it.")
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


class DeadLetterPageAsked(DeadLettersSought):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")


class DeadLettersReplayed(DeadLettersSought):
    """Every dead letter that matches, up to 200 in one call."""


class DeadLettersDiscarded(DeadLettersSought):
    reason: Reason


class DeadLetterEdit(Input):
    """`event` is the whole event in its newest version. `headers` are for the platform's own people only."""

    event: dict[str, Any]
    event_type: Word | None = Field(default=None, description="The dead letter's own when it is missing.")
    headers: dict[Word, Annotated[str, StringConstraints(max_length=2000)]] = Field(default={})


class DeadLetterDiscard(Input):
    reason: Reason
