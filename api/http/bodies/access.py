"""What is asked about somebody's permission, and why they have it or not, in JSON."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.domain.conditions import Channel, Surroundings
from api.domain.explain_decision import Verdict, Weight
from api.http.bodies.fields import AnswerBody
from api.use_cases.explain_access import AccessQuestion, Answer
from api.use_cases.fields import Input, Moment

Word = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class AccessAsked(Input):
    """Whether somebody may do something, and why."""

    actor: Word = Field(description="The id or e-mail address of a user, the id of a token of a program, or a role.")
    permission: Word = Field(description="As in `orders:cancel`.")
    id: UUID | None = Field(
        default=None, description="Of an order or product; without it the answer says what it depends on."
    )
    at: Moment | None = Field(default=None, description="When they would ask; now, when it is missing.")
    address: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        default=None, description="Where they would ask from."
    )
    channel: Literal["storefront", "back_office"] = "back_office"

    def question(self, now: datetime) -> AccessQuestion:
        around = Surroundings(at=self.at or now, address=self.address, channel=Channel(self.channel))
        return AccessQuestion(who=self.actor, permission=self.permission, thing_id=self.id, around=around)


class WeighedGrant(AnswerBody):
    """A grant of the permission, in words. `role` is where it comes from: a role, or `token <name>`."""

    role: str
    scope: Literal["all", "own", "published", "none"]
    when: list[str] = Field(description="Its conditions, those on the time with the time that was compared.")
    does_not_hold: list[str]
    depends_on: list[str] = Field(description="What is said of a thing, where the question names none.")

    @classmethod
    def of(cls, weight: Weight) -> Self:
        return cls(
            role=weight.source,
            scope=weight.scope,
            when=list(weight.when),
            does_not_hold=list(weight.failing),
            depends_on=list(weight.open),
        )


class AccessAnswer(AnswerBody):
    """`deciding` are the grants that the verdict rests on; `shut_out` says why nobody lets them in all the same."""

    verdict: Verdict
    permission: str
    subject: str
    shut_out: str | None
    at: datetime
    time_zone: str = Field(description="In which conditions on the time of day are meant.")
    deciding: list[WeighedGrant]
    others: list[WeighedGrant]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        return cls(
            verdict=answer.verdict,
            permission=answer.permission,
            subject=answer.subject.name,
            shut_out=answer.subject.shut_out or None,
            at=answer.around.at,
            time_zone=answer.around.time_zone,
            deciding=[WeighedGrant.of(one) for one in answer.explanation.deciding],
            others=[WeighedGrant.of(one) for one in answer.explanation.others],
        )
