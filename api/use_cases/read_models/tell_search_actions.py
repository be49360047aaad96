"""Takes what a page tells of clicks, views and conversions, and says what is noted of it."""

from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from api.domain.errors import FieldError, Invalid
from api.domain.money import EXPONENTS, MOST_MINOR
from api.use_cases.fields import Currency, Input
from api.use_cases.read_models.logged_searches import OWN_CHANNEL
from schemas.events.search_log import LoggedAction
from sinks.search.product_query import DEEPEST_HIT

MOST_ACTIONS: Final = 100
#: What happened earlier is not taken any more.
OLDEST: Final = timedelta(days=4)
_AHEAD: Final = timedelta(minutes=5)
_ID: Final = "01a20c39-97e1-703d-b384-1fd81392bbff"


class ToldAction(Input):
    """`position` says where among the hits it was, over all pages; a click on a hit has one."""

    type: Literal["click", "view", "conversion"]
    product_id: UUID
    query_id: UUID | None = Field(default=None, description="Of the answer it followed; none: it followed no search.")
    position: int | None = Field(default=None, ge=1, le=DEEPEST_HIT)
    value_minor: int | None = Field(default=None, ge=0, le=MOST_MINOR, description="What a conversion was worth.")
    currency: Currency | None = Field(default=None, description="Of `value_minor`. The shop's own when missing.")
    at: AwareDatetime | None = Field(default=None, description="When; now when missing, at most four days ago.")


class ToldActions(Input):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"events": [{"type": "click", "query_id": _ID, "product_id": _ID, "position": 2}]}]
        },
    )

    events: list[ToldAction] = Field(min_length=1, max_length=MOST_ACTIONS)


def logged_actions(told: ToldActions, currency: str, now: datetime) -> list[LoggedAction]:
    """`currency` is the shop's own. Raises `Invalid`, naming each field that is wrong."""
    wrong = [error for number, one in enumerate(told.events) for error in _wrong(f"events.{number}", one, now)]
    if wrong:
        raise Invalid("Some of what is told cannot be.", wrong)
    return [_logged(one, currency, now) for one in told.events]


def is_in_time(at: datetime, now: datetime) -> bool:
    return now - OLDEST <= at <= now + _AHEAD


def _wrong(place: str, one: ToldAction, now: datetime) -> list[FieldError]:
    found = []
    if one.type == "click" and one.query_id is not None and one.position is None:
        found.append(FieldError(f"{place}.position", "missing", "A click on a hit says where it was."))
    if one.value_minor is not None and one.type != "conversion":
        found.append(FieldError(f"{place}.value_minor", "no_conversion", "Only a conversion is worth something."))
    if one.currency is not None and one.currency not in EXPONENTS:
        found.append(FieldError(f"{place}.currency", "unknown_currency", f"{one.currency} is no ISO 4217 currency."))
    if one.at is not None and not is_in_time(one.at, now):
        found.append(FieldError(f"{place}.at", "not_in_time", "It is longer ago than four days, or in the future."))
    return found


def _logged(one: ToldAction, currency: str, now: datetime) -> LoggedAction:
    return LoggedAction(
        kind=one.type,
        query_id=one.query_id,
        object_id=one.product_id,
        position=one.position,
        value_minor=one.value_minor,
        currency=None if one.value_minor is None else one.currency or currency,
        channel=OWN_CHANNEL,
        done_at=min(one.at or now, now),
    )
