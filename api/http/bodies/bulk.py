"""What became of many commands of one call, in JSON."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field


class BulkItem(BaseModel):
    """`status` is what the single command answers: 200, or that of the `problem`. `index` counts the items from 0."""

    index: int
    status: int
    id: UUID | None = Field(description="What the item names; null where that cannot be read.")
    version: int | None = Field(default=None, exclude_if=lambda told: told is None)
    receipt: str | None = Field(
        default=None,
        exclude_if=lambda told: told is None,
        description="Bring it as `after` to a read model to see the thing as it is after this call.",
    )
    problem: dict[str, Any] | None = Field(
        default=None, exclude_if=lambda told: told is None, description="Why it was refused, as a problem document."
    )


class BulkAnswer(BaseModel):
    """How many were done and how many refused, and all of them in the order of the call."""

    done: int
    refused: int
    items: list[BulkItem]

    @classmethod
    def of(cls, items: list[BulkItem]) -> Self:
        refused = sum(item.problem is not None for item in items)
        return cls(done=len(items) - refused, refused=refused, items=items)
