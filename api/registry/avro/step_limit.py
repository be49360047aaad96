"""Counts the steps a schema costs, so that no text, however it is nested, keeps a process busy."""

from typing import Final

#: A few seconds of one thread. A schema of a thousand fields takes some ten thousand.
MOST: Final = 1_000_000
LONGEST_TEXT: Final = 1024 * 1024


class InvalidSchema(ValueError):
    """The text is not a schema; the message says where and why."""


class TooCostly(InvalidSchema):
    """It may be a schema, but to find out takes more than it is worth."""


class StepLimit:
    """Of one request's work on a schema."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.taken = 0

    def take(self, number: int = 1) -> None:
        """Raises `TooCostly` when that is too much."""
        self.taken += number
        if self.taken > self._most:
            raise TooCostly(
                f"it takes more than {self._most:,} steps to check: nest it less, or name fewer types in it"
            )
