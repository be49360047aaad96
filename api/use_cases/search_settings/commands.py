"""What people say of their shop's search."""

from typing import Annotated, ClassVar, Final, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, StrictBool, StrictInt, StringConstraints, model_validator

from api.domain.search_settings import KINDS, MOST_PRIORITY, Kind
from api.store.search_settings import LIST
from api.use_cases.fields import Input, Locale, Moment, Name
from api.use_cases.pages import PageAsked, Several
from sinks.search.ranking_signals import DEFAULTS

MOST_WORDS: Final = 50
MOST_PINS: Final = 50
MOST_TARGETS: Final = 100
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
#: A browser takes a backslash for a slash, leaves control characters out, and goes to the host behind an `@`.
_IN_PATH: Final = r"[^\s\\\x00-\x1f\x7f-\x9f]"
_HOST: Final = r"[^/?#@\s\\\x00-\x1f\x7f-\x9f]+"
#: Where a page may lead: to a host that anybody reads alike, or to a path of the shop's own.
Place = Annotated[
    str,
    StringConstraints(
        max_length=2000,
        pattern=rf"^(https?://{_HOST}([/?#]{_IN_PATH}*)?|/([^/\s\\\x00-\x1f\x7f-\x9f]{_IN_PATH}*)?)$",
    ),
]
Percent = Annotated[StrictInt, Field(ge=0, le=1000)]

_SOFAS: Final[dict[str, JsonValue]] = {"locale": "en", "synonyms": {"words": ["sofa", "couch", "settee"]}}
_TV: Final[dict[str, JsonValue]] = {"locale": "en", "synonyms": {"typed": "tv", "words": ["television set"]}}
_LITTLE: Final[dict[str, JsonValue]] = {"locale": "en", "stop_words": ["cheap", "online"]}
_RETURNS: Final[dict[str, JsonValue]] = {"redirect": {"queries": ["returns", "return policy"], "url": "/pages/returns"}}

_SUMMER: Final[dict[str, JsonValue]] = {
    "name": "Summer",
    "starts_at": "2027-06-01T00:00:00Z",
    "ends_at": "2027-09-01T00:00:00Z",
    "rule": {
        "query": "garden",
        "match": "contains",
        "boost": [{"by": "tag", "value": "summer", "percent": 200}],
        "hide": [{"by": "brand", "value": "Frost"}],
    },
}
_RANKING: Final[dict[str, JsonValue]] = {"weights": {"in_stock": 50, "new": 20}}


class SynonymsSaid(Input):
    typed: Words | None = Field(default=None, description="Only who types this finds the words, too.")
    words: list[Words] = Field(min_length=1, max_length=MOST_WORDS, description="Each a word or several.")


class RedirectSaid(Input):
    queries: list[Words] = Field(min_length=1, max_length=MOST_WORDS, description="All that is searched for.")
    url: Place = Field(description="`https://…`, or a path of the shop that begins with `/`.")


class PinSaid(Input):
    product_id: UUID
    position: Annotated[StrictInt, Field(ge=1, le=MOST_PINS)] = Field(description="From 1.")


class TargetSaid(Input):
    """Products: one, those in a category or in one below it, of a brand, with a tag."""

    by: Literal["product", "category", "brand", "tag"]
    value: Name = Field(description="An id of a product or category; what a brand or tag is called.")

    @model_validator(mode="after")
    def _an_id(self) -> Self:
        if self.by in ("product", "category"):
            try:
                UUID(self.value)
            except ValueError:
                raise ValueError("value is the id of a product or category") from None  # pydantic wants it
        return self

    @property
    def meant(self) -> str:
        return str(UUID(self.value)) if self.by in ("product", "category") else self.value


class BoostSaid(TargetSaid):
    percent: Annotated[StrictInt, Field(gt=100, le=1000)] = Field(default=200, description="Of its score.")


class BurySaid(TargetSaid):
    percent: Annotated[StrictInt, Field(ge=1, lt=100)] = Field(default=50, description="Of its score.")


class RuleSaid(Input):
    """What is shown first, higher, lower or not at all. It holds where all that it names is so."""

    query: Words | None = Field(default=None, description="What is searched for; missing: whatever it is.")
    match: Literal["is", "contains"] = Field(default="is", description="`query` is all, or a part, of what is typed.")
    category_id: UUID | None = Field(default=None, description="Only where it, or one below it, is chosen.")
    priority: Annotated[StrictInt, Field(ge=0, le=MOST_PRIORITY)] = Field(
        default=0, description="Where two rules want one place, the higher has its way."
    )
    pin: list[PinSaid] = Field(default=[], max_length=MOST_PINS)
    boost: list[BoostSaid] = Field(default=[], max_length=MOST_TARGETS)
    bury: list[BurySaid] = Field(default=[], max_length=MOST_TARGETS)
    hide: list[TargetSaid] = Field(default=[], max_length=MOST_TARGETS)


class WeightsSaid(Input):
    """How much the ranking signals count, in percent; one that is missing counts as it does without a setting."""

    in_stock: Percent | None = Field(
        default=None, description=f"It can be ordered. {DEFAULTS['in_stock']} unless said."
    )
    new: Percent | None = Field(default=None, description=f"How new it is. {DEFAULTS['new']} unless said otherwise.")
    sold: Percent | None = Field(
        default=None, description=f"How well it sold in the last 30 days. {DEFAULTS['sold']} unless said otherwise."
    )


class SearchSettingSaid(Input):
    """It has one of `synonyms`, `stop_words`, `redirect`, `rule` and `weights`. It holds from `starts_at` until before
    `ends_at`.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_SOFAS, _TV, _LITTLE, _RETURNS, _SUMMER, _RANKING]})

    name: Name | None = Field(default=None, description="What the shop calls it.")
    locale: Locale | None = Field(default=None, description="Where it holds; missing: in every language.")
    active: StrictBool = True
    starts_at: Moment | None = None
    ends_at: Moment | None = Field(default=None, description="From this moment on it does not hold any more.")
    synonyms: SynonymsSaid | None = None
    stop_words: list[Words] | None = Field(default=None, min_length=1, max_length=MOST_WORDS)
    redirect: RedirectSaid | None = None
    rule: RuleSaid | None = None
    weights: WeightsSaid | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "SearchSettingSaid":
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError("it has one of synonyms, stop_words, redirect, rule and weights")  # pydantic wants it
        return self

    @property
    def kind(self) -> Kind:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)


class SearchSettingsAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest"] = "oldest"
    kind: Several[Kind] | None = Field(default=None, description="Any of these.")
    locale: Locale | None = None
    active: bool | None = Field(default=None, description="Only those that are on, or only those that are off.")
