"""The bodies of these calls for the document of the API; the calls themselves are as lenient as clients are used to."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.instantsearch.asked.asked_recommendations import MOST_ASKED, Kind
from api.instantsearch.asked.asked_search import MOST_FACET_HITS, MOST_FACETS, MOST_HITS, MOST_REQUESTS, MOST_VALUES
from api.instantsearch.asked.told_events import MOST_EVENTS, MOST_OBJECTS
from api.use_cases.read_models.related_products import MOST_RELATED

Filters = Annotated[
    list[str | Annotated[list[str], Field(max_length=1000)]],
    Field(max_length=1000, description="All of these hold; of a list inside one of its own."),
]
_EXAMPLE: Final[dict[str, Any]] = {
    "query": "cheese",
    "hitsPerPage": 20,
    "facets": ["brand", "price"],
    "facetFilters": [["brand:Verde", "brand:Rossi"]],
    "numericFilters": ["price<=10"],
}

_ID: Final = "01a20c3997e1703db3841fd81392bbff"
_CLICK: Final[dict[str, Any]] = {
    "eventType": "click",
    "eventName": "Product clicked",
    "index": "products",
    "userToken": "anonymous-1",
    "queryID": _ID,
    "objectIDs": ["01a20c39-97e1-703d-b384-1fd81392bbff"],
    "positions": [2],
}


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class IndexSearch(_Body):
    """What every client sends; docs/instantsearch.md has all parameters."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    query: str = ""
    page: int = Field(default=0, ge=0)
    hits_per_page: int = Field(default=20, ge=0, le=MOST_HITS)
    facets: list[str] = Field(default=[], max_length=MOST_FACETS)
    facet_filters: Filters = []
    numeric_filters: Filters = []
    filters: str = ""
    max_values_per_facet: int = Field(default=100, ge=0, le=MOST_VALUES)


class FacetSearch(IndexSearch):
    model_config = ConfigDict(json_schema_extra={"examples": [{"facetQuery": "ver"}]})

    facet_query: str = ""
    max_facet_hits: int = Field(default=10, ge=0, le=MOST_FACET_HITS)


class NamedSearch(FacetSearch):
    index_name: str
    type: Literal["default", "facet"] = "default"
    facet: str | None = None


class Searches(_Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"requests": [{"indexName": "products", **_EXAMPLE}]}]})

    requests: list[NamedSearch] = Field(min_length=1, max_length=MOST_REQUESTS)


class FacetStats(_Body):
    min: float
    max: float
    avg: float
    sum: float


class IndexAnswer(_Body):
    """`hits` have `objectID`, the product and `_highlightResult`."""

    hits: list[dict[str, Any]]
    nb_hits: int
    page: int
    nb_pages: int
    hits_per_page: int
    query: str
    params: str
    index: str
    processing_time_ms: int = Field(alias="processingTimeMS")
    facets: dict[str, dict[str, int]] = {}
    facets_stats: dict[str, FacetStats] = Field(default={}, alias="facets_stats")
    exhaustive_nb_hits: bool
    exhaustive_facets_count: bool
    as_of: str | None = Field(alias="as_of")
    lag_ms: int | None = Field(alias="lag_ms")


class FacetHit(_Body):
    value: str
    highlighted: str
    count: int


class FacetHits(_Body):
    facet_hits: list[FacetHit]
    exhaustive_facets_count: bool
    processing_time_ms: int = Field(alias="processingTimeMS")


class Answers(_Body):
    """One for each request, in order."""

    results: list[IndexAnswer | FacetHits]


class InsightsEvent(_Body):
    """What `search-insights` sends; docs/search-signals.md says what is kept of it."""

    event_type: Literal["click", "view", "conversion"]
    event_name: str = ""
    index: str = ""
    user_token: str = ""
    query_id: str | None = Field(default=None, alias="queryID")
    object_ids: list[str] = Field(alias="objectIDs", min_length=1, max_length=MOST_OBJECTS)
    positions: list[int] | None = Field(default=None, max_length=MOST_OBJECTS)
    value: float | None = None
    currency: str | None = None
    timestamp: int | None = None


class InsightsEvents(_Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"events": [_CLICK]}]})

    events: list[InsightsEvent] = Field(max_length=MOST_EVENTS)


class Taken(_Body):
    status: int
    message: str


_RECOMMENDED: Final[dict[str, Any]] = {
    "indexName": "products",
    "model": "related-products",
    "objectID": "01920000-0000-7000-8000-000000000001",
    "maxRecommendations": 4,
}


class NamedRecommendations(_Body):
    """`queryParameters`: how hits are shown, as of a search without filters."""

    index_name: str
    model: Kind
    object_id: str = Field(alias="objectID")
    max_recommendations: int = Field(default=0, ge=0, description=f"At most {MOST_RELATED}; 0: as many as there are.")
    threshold: float = Field(default=0, description="Counts for nothing.")
    query_parameters: dict[str, Any] = {}


class Recommendations(_Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"requests": [_RECOMMENDED]}]})

    requests: list[NamedRecommendations] = Field(min_length=1, max_length=MOST_ASKED)


class RecommendedHits(_Body):
    """`hits` are as those of a search, with `_score`, from 100 down by their places."""

    hits: list[dict[str, Any]]
    nb_hits: int
    index: str
    processing_time_ms: int = Field(alias="processingTimeMS")
    as_of: str | None = Field(alias="as_of")
    lag_ms: int | None = Field(alias="lag_ms")


class Recommended(_Body):
    """One for each request, in order."""

    results: list[RecommendedHits]


class ClientError(_Body):
    message: str
    status: int
