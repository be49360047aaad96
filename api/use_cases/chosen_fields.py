"""What `fields` of a question chooses: the parts of an answer that are wanted, by their names."""

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from api.domain.errors import FieldError, Invalid

Fields = Annotated[
    str | None,
    Field(max_length=1000, description="Only these of the answer, as `title,handle`; everything when it is missing."),
]


def chosen(fields: str | None, known: Collection[str]) -> frozenset[str] | None:
    """None: all. Raises `Invalid` that names those which are not known."""
    if fields is None:
        return None
    named = [name.strip() for name in fields.split(",")]
    if unknown := [name for name in named if name not in known]:
        message = f"There is no {', '.join(unknown)}: there are {', '.join(sorted(known))}."
        raise Invalid("Some fields are not there.", [FieldError("fields", "unknown_field", message)])
    return frozenset(named)
