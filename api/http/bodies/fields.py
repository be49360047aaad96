"""What bodies that go out have in common."""

from pydantic import BaseModel, ConfigDict, Field


class AnswerBody(BaseModel):
    """What goes out, read from the values of the domain by the names of their fields."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Receipted(BaseModel):
    receipt: str = Field(description="Bring it as `after` to a read model to see this change in its answer.")


class PageAnswer(BaseModel):
    """`next_cursor` is None on the last page."""

    next_cursor: str | None
