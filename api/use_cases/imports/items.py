"""Reads each item of many by itself, so that one that is unreadable does not spoil the others."""

from typing import Any, Generic, TypeVar, get_args

from pydantic import BaseModel, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T", bound=BaseModel)
MOST_ITEMS = 500


class Item(Generic[T]):
    """`value`, or why there is none. `external_id` is what the client calls it, as far as that can be read."""

    __slots__ = ("external_id", "value", "wrong")

    def __init__(self, external_id: str | None, value: T | None, wrong: Exception | None) -> None:
        self.external_id = external_id
        self.value = value
        self.wrong = wrong

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_alone, handler(get_args(source)[0]))


def _alone(given: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Item[Any]:
    external_id = given.get("external_id") if isinstance(given, dict) else None
    named = external_id if isinstance(external_id, str) else None
    try:
        return Item(named, validate(given), None)
    except ValidationError as wrong:
        return Item(named, None, wrong)
