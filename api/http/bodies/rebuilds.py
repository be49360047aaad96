"""Builds of read models, and what is asked to be done about them, in JSON."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from api.http.bodies.fields import AnswerBody
from api.use_cases.rebuilds.read_rebuilds import ShownRebuild
from sinks.rebuild.rebuild_request import Action, RebuildRequest, Source, State
from sinks.rebuild.told_builds import Role, ToldBuild, ToldState


class BuildAnswer(AnswerBody):
    """What is not known, while it is made or removed, is `null`."""

    build: str
    role: Role = Field(
        description="`live`: readers are led to it. `previous`: they were before. `next`: its feed is about to lead"
        " them there. `beside`: nobody is led to it."
    )
    documents: int | None
    bytes: int | None
    as_of: datetime | None
    state: ToldState = Field(
        description="As readers are told, of what they are led to. `whole`: readers are not led to it; it has all until"
        " `as_of`, and nobody need feed it."
    )

    @classmethod
    def of(cls, told: ToldBuild) -> Self:
        names = cls.model_fields.keys() - {"build"}
        return cls(build=str(told.build), **{name: getattr(told, name) for name in names})


class JudgementAnswer(AnswerBody):
    name: str
    holds: bool
    found: str


class RebuildReportAnswer(AnswerBody):
    build: str
    before: str | None = Field(description="What readers were led to when it was begun.")
    led: bool = Field(description="Readers are led to it.")
    judgements: list[JudgementAnswer]
    documents: int
    whole_s: float = Field(description="Of the seconds those until it was whole.")
    seconds: float
    at: datetime


class PartitionProgressAnswer(AnswerBody):
    partition: str = Field(description="As `rustok.product/0`, or `table of product`.")
    done: int
    records: int


class ProgressAnswer(AnswerBody):
    """Records of the log from its first that is still there, or rows of tables while a build is filled from them."""

    done: int
    records: int
    left_s: float | None = Field(description="At the speed so far; `null` before anything can be said.")
    partitions: list[PartitionProgressAnswer]


class RebuildRequestAnswer(AnswerBody):
    id: UUID
    model: str
    action: Action
    hold: bool
    source: Source = Field(description="What it is made of first.")
    tenants: list[str] = Field(description="These shops alone, in place; none: all.")
    build: str | None
    state: State = Field(
        description="`waiting` for the scheduler, which begins it within seconds; `running`; `paused` until somebody"
        " asks for more; `cancelled`; `done`; `failed`, as `detail` says."
    )
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    step: str = Field(description="What it does, or did last, for people.")
    progress: ProgressAnswer | None = Field(description="How far the log was read when it was told last.")
    report: RebuildReportAnswer | None = Field(description="What it came to; also where it is not right.")
    detail: str = Field(description="Why it failed, or what there is to know besides.")

    @classmethod
    def of(cls, request: RebuildRequest) -> Self:
        return cls.model_validate(request)


class RebuildAnswer(AnswerBody):
    model: str
    version: int = Field(description="That this code makes.")
    builds: list[BuildAnswer] | None = Field(description="`null`: its store does not answer just now.")
    last: RebuildReportAnswer | None = Field(description="The newest report, whoever made it.")
    is_rebuilt: bool = Field(
        description="Somebody makes it again just now, or leads its readers elsewhere: over the API or by the command."
    )
    request: RebuildRequestAnswer | None = Field(description="What was asked for over the API last, and where it is.")

    @classmethod
    def of(cls, shown: ShownRebuild) -> Self:
        asked = shown.asked
        return cls(
            model=asked.model.name,
            version=asked.model.version,
            builds=None if shown.builds is None else [BuildAnswer.of(one) for one in shown.builds],
            last=None if shown.last is None else RebuildReportAnswer.model_validate(shown.last),
            is_rebuilt=asked.is_rebuilt,
            request=None if asked.request is None else RebuildRequestAnswer.of(asked.request),
        )


class RebuildList(AnswerBody):
    items: list[RebuildAnswer]
