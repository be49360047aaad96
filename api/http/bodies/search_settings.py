"""What a shop says of its search, in JSON."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from api.domain.changes import Versioned
from api.domain.search_settings import Kind
from api.http.bodies.fields import AnswerBody, PageAnswer, Receipted
from schemas.events.search_setting import SearchRule, SearchSetting
from sinks.search.merchandising import AS_IT_IS


class SynonymsAnswer(AnswerBody):
    typed: str | None
    words: list[str]


class RedirectAnswer(AnswerBody):
    queries: list[str]
    url: str


class PinAnswer(AnswerBody):
    product_id: UUID
    position: int


class TargetAnswer(AnswerBody):
    by: str
    value: str


class WeighedAnswer(TargetAnswer):
    percent: int


class RuleAnswer(AnswerBody):
    query: str | None
    match: Literal["is", "contains"]
    category_id: UUID | None
    priority: int
    pin: list[PinAnswer]
    boost: list[WeighedAnswer]
    bury: list[WeighedAnswer]
    hide: list[TargetAnswer]

    @classmethod
    def of(cls, rule: SearchRule) -> Self:
        weighed = [WeighedAnswer.model_validate(one) for one in rule.weighed]
        return cls(
            query=rule.query,
            match="contains" if rule.match == "contains" else "is",
            category_id=rule.category_id,
            priority=rule.priority,
            pin=[PinAnswer.model_validate(pin) for pin in rule.pins],
            boost=[one for one in weighed if one.percent > AS_IT_IS],
            bury=[one for one in weighed if one.percent < AS_IT_IS],
            hide=[TargetAnswer.model_validate(one) for one in rule.hidden],
        )


class _SearchSettingFacts(AnswerBody):
    id: UUID
    kind: Kind = Field(description="Which one of the others it has.")
    name: str | None
    locale: str | None
    active: bool
    starts_at: datetime | None
    ends_at: datetime | None
    synonyms: SynonymsAnswer | None
    stop_words: list[str] | None
    redirect: RedirectAnswer | None
    weights: dict[str, int] | None = Field(description="By ranking signal, in percent.")
    created_at: datetime
    updated_at: datetime


class SearchSettingAnswer(_SearchSettingFacts):
    rule: RuleAnswer | None
    version: int

    @classmethod
    def of(cls, held: Versioned[SearchSetting], **more: str) -> Self:
        facts = dict(_SearchSettingFacts.model_validate(held.value))
        rule = held.value.rule
        said = {"stop_words": facts["stop_words"] or None, "weights": facts["weights"] or None}
        shown = None if rule is None else RuleAnswer.of(rule)
        return cls(**{**facts, **said}, rule=shown, version=held.version, **more)


class SearchSettingDone(SearchSettingAnswer, Receipted):
    pass


class SearchSettingPage(PageAnswer):
    items: list[SearchSettingAnswer]
