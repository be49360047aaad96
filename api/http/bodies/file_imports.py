"""What became of each row of a file, in JSON."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.use_cases.product_files.foreign_products import ForeignProduct


class RowNote(BaseModel):
    line: int
    text: str


class FileProduct(BaseModel):
    """One product of the file. Every row of the file is among the `lines` of exactly one."""

    external_id: str | None = Field(
        default=None, description="What it is called from now on; missing when no product could be made of the row."
    )
    lines: list[int] = Field(description="Where its rows begin in the file; the first line of a file is 1.")
    outcome: Literal["created", "updated", "unchanged", "refused"]
    id: UUID | None = None
    version: int | None = None
    receipt: str | None = None
    problem: dict[str, Any] | None = None
    notes: list[RowNote] = Field(default=[], description="What was not taken as it is written.")


class FileImportAnswer(BaseModel):
    """How many products of each outcome, and all of them in the order in which they begin."""

    system: str
    created: int
    updated: int
    unchanged: int
    refused: int
    categories_created: int
    columns_left_out: list[str]
    products: list[FileProduct]


def notes_of(product: ForeignProduct) -> list[RowNote]:
    return [RowNote(line=note.line, text=note.text) for note in product.notes]
