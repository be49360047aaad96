"""What people ask of dead letters and command."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from api.store.dead_letters import LIST
from api.use_cases.fields import Input, Moment
from api.use_cases.pages import PageAsked

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

    @property
    def sought(self) -> dict[str, Any]:
        """What of it is asked for, by its name in the table of the list."""
        return self.model_dump(exclude_none=True, include=set(DeadLettersSought.model_fields))


class DeadLetterPageAsked(DeadLettersSought, PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest"] = "oldest"


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
