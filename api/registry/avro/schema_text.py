"""Parses a text as an Avro schema: its canonical and its normal text, and the types it defines or refers to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn

from api.registry.avro import schema_writer
from api.registry.avro.parse_schema import Reading
from api.registry.avro.schema_types import Enum, Fixed, Json, Names, Record, Ref, Type, kind_of
from api.registry.avro.step_limit import LONGEST_TEXT, InvalidSchema, StepLimit

__all__ = ["InvalidSchema", "Parsed", "parse"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """`names` are all types that are defined in it or in what it refers to."""

    type: Type
    names: Names
    canonical: str
    normalized: str

    @property
    def fullname(self) -> str:
        """The full name of the type; of one that has none, its kind (`array`, `string`)."""
        return self.type.name.full if isinstance(self.type, Record | Enum | Fixed | Ref) else kind_of(self.type)


def parse(text: str, references: Mapping[str, str], steps: StepLimit | None = None) -> Parsed:
    """Raises `InvalidSchema`. `references`: name → text of another schema whose types may be used, in this order."""
    if len(text) + sum(map(len, references.values())) > LONGEST_TEXT:
        raise InvalidSchema(f"with what it refers to it is longer than {LONGEST_TEXT:,} characters")
    reading = Reading(steps or StepLimit())
    try:
        for name, referred in references.items():
            _refer(reading, name, referred)
        read = reading.type(_json(text), None, "schema")
        reading.check_defaults()
        canonical, normal = schema_writer.canonical(read), schema_writer.normal(read)
    except RecursionError as error:
        raise InvalidSchema("it is nested too deeply") from error
    return Parsed(read, reading.names, canonical, normal)


def _refer(reading: Reading, name: str, text: str) -> None:
    try:
        reading.type(_json(text), None, "schema")
    except InvalidSchema as error:
        raise InvalidSchema(f'in the reference "{name}": {error}') from error


def _json(text: str) -> Json:
    try:
        read = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidSchema("there is half a character in it (a lone surrogate)") from error
    except ValueError as error:
        raise InvalidSchema(f"it is not JSON: {error}") from error
    return read


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _refuse(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")
