"""Tells which records of a feed operators decided to pass over, and until when it refuses freely."""

from typing import Final, Protocol

from streams.kafka_record import KafkaRecord

#: The error of the dead letter that such a record becomes.
PASSED_OVER: Final = "PassedOver"


class PassingOver(Protocol):
    @property
    def accepts_until(self) -> float:
        """Before this moment (seconds since 1970) no number of refused records is too many."""

    def reason(self, record: KafkaRecord) -> str | None:
        """Why the record is passed over, and who says so; None: it is not."""

    def refresh(self) -> None:
        """Asks again what was decided. When that cannot be had, what was known stays."""


class _Nothing:
    """Nobody has decided anything."""

    accepts_until = 0.0

    def reason(self, record: KafkaRecord) -> str | None:
        return None

    def refresh(self) -> None: ...


NOTHING: Final[PassingOver] = _Nothing()
