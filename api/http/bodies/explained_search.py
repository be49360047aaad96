"""Why each hit of a search is where it is, in JSON."""

from typing import Literal, Self

from pydantic import Field

from api.http.bodies.fields import AnswerBody
from api.http.bodies.read_models import AppliedRuleAnswer, Fresh, HitAnswer, RedirectedAnswer
from sinks.search.explained_hits import ExplainedHit
from sinks.search.product_hits import ProductHit
from sinks.search.product_query import Sort
from sinks.search.score_probes import How, Place


class ReadWordAnswer(AnswerBody):
    word: str = Field(description="As it is looked for, without case and accents.")
    stem: str
    little: bool = Field(description="It need not be there.")
    synonyms: list[str]


class ReadQueryAnswer(AnswerBody):
    """What the query became in one language."""

    language: str
    words: list[ReadWordAnswer]


class FoundWayAnswer(AnswerBody):
    place: Place | None = Field(
        description="`facts` are subtitle, brand, tags, values of options, and attributes; `text` is any of the texts;"
        " `null`: wherever."
    )
    how: How = Field(
        description="`exact`, or as another form (`stem`), written together or apart (`joined`), in Latin letters"
        " (`latin`), part of a SKU or a barcode (`code`), in the name of a category, all words in order (`phrase`), a"
        " `synonym`, give or take a `typo`, as the `beginning` of a word, as a `part` of a compound. `typed_first`:"
        " what was typed comes before its synonyms."
    )
    word: str
    score: float


class FoundPartAnswer(AnswerBody):
    typed: str
    score: float = Field(description="What it adds: the best of its ways, and a tenth of each other.")
    ways: list[FoundWayAnswer]


class SaidSignalAnswer(AnswerBody):
    name: str
    says: float
    percent: int


class RuleEffectAnswer(AnswerBody):
    by: str
    value: str
    percent: int


class ExplanationAnswer(AnswerBody):
    """The score is `words` × `signals` × `rules`."""

    language: str | None = Field(description="In which it was searched; `null`: only its codes were.")
    code: float | None = Field(description="The score of the whole query as a SKU or a barcode.")
    parts: list[FoundPartAnswer]
    words: float = Field(description="The sum of the parts, or `code` where that is more.")
    said: list[SaidSignalAnswer]
    signals: float = Field(description="1 + the sum of what each signal says × its percent / 100.")
    effects: list[RuleEffectAnswer]
    rules: float = Field(description="The product of the percents of what rules boost and bury.")
    score: float | None = Field(description="`null` where an order was chosen.")


class ExplainedHitAnswer(HitAnswer):
    explanation: ExplanationAnswer | None = Field(description="`null` for what is pinned.")

    @classmethod
    def of(cls, hit: ProductHit, why: ExplainedHit | None) -> Self:
        told = None if why is None else ExplanationAnswer.model_validate(why)
        return cls(**dict(HitAnswer.model_validate(hit)), explanation=told)


class ExplainedSearchAnswer(Fresh):
    total: int
    match: Literal["all", "loose", "some"]
    sort: Sort
    read: list[ReadQueryAnswer] = Field(description="By language, that which is searched first is first.")
    redirect: RedirectedAnswer | None
    applied_rules: list[AppliedRuleAnswer]
    page: int
    per_page: int
    hits: list[ExplainedHitAnswer]
