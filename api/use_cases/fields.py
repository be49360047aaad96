"""The types of field that commands and queries share, with their limits.

Numbers and booleans are taken as they are: `"5"` is no number, `5.0` no integer. Postgres has no NUL in a text.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from api.domain.moments import EARLIEST, LATEST, is_possible
from api.domain.money import MOST_MINOR
from schemas.article_codes import has_wrong_check_digit, normal_barcode, written_code


class Input(BaseModel):
    """What a command or a query is made of; what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ShopSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def as_list(given: Any) -> Any:
    """Of a parameter that may be there several times, also where it is there once."""
    return [given] if isinstance(given, str) else given


def _text_only(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("it is to be a text: ISO 8601 with a time zone")  # pydantic wants ValueError
    return given


def _possible(moment: datetime) -> datetime:
    if not is_possible(moment):
        raise ValueError(f"it is to lie from {EARLIEST:%Y} to {LATEST:%Y}")  # pydantic wants ValueError
    return moment.astimezone(UTC)


def _without_what_is_around(given: Any) -> Any:
    return written_code(given) if isinstance(given, str) else given


#: The context in which what is stored is said as a command: it may be older than a rule.
AS_STORED: Final = {"stored": True}


def _as_gtin(barcode: str, info: ValidationInfo) -> str:
    if info.context != AS_STORED and has_wrong_check_digit(barcode):
        raise ValueError("its last digit does not fit the others: is it mistyped?")  # pydantic wants ValueError
    return normal_barcode(barcode)


def _without_colon(name: str, info: ValidationInfo) -> str:
    if info.context != AS_STORED and ":" in name:
        raise PydanticCustomError("colon_in_name", "It has no colon: a choice is written name:value.")
    return name


_NO_NUL = r"^[^\x00]*$"

LONGEST_NAME: Final = 300
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=_NO_NUL)]
#: Of an option or an attribute. A choice is written `name:value`, so there is one way to read it.
FacetName = Annotated[Name, AfterValidator(_without_colon)]
LongText = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_NUL)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
#: A code that people type: what is around it goes, and its case makes no difference where it is looked up.
Sku = Annotated[ExternalId, BeforeValidator(_without_what_is_around)]
Barcode = Annotated[Sku, AfterValidator(_as_gtin)]
Handle = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\s/?#\x00]+$")]
Locale = Annotated[str, StringConstraints(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00]+$")]
Minor = Annotated[StrictInt, Field(ge=0, le=MOST_MINOR)]
SignedMinor = Annotated[StrictInt, Field(ge=-MOST_MINOR, le=MOST_MINOR)]
Quantity = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Position = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
#: What a quantity counts, as people write it.
Unit = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*$")]
Moment = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_possible)]
