"""Describes a record as Kafka gave it, untouched."""

from collections.abc import Sequence
from typing import Protocol


class KafkaRecord(Protocol):
    """`timestamp` is when the change was committed, in milliseconds since 1970: capture puts it there."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...
    @property
    def timestamp(self) -> int: ...


def header(record: KafkaRecord, name: str) -> bytes | None:
    """The last header of that name, as CloudEvents reads duplicates."""
    return next((value for found, value in reversed(record.headers) if found == name), None)
