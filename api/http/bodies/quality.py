"""What checks of read models found, as it goes out."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.bodies.fields import AnswerBody


class ExpectationAnswer(AnswerBody):
    expectation: str
    table: str
    severity: Literal["critical", "warning"]
    outcome: Literal["passed", "failed", "warned"]
    meaning: str = Field(description="What is so when it holds.")
    advice: str = Field(description="What to do when it does not.")
    broken: int = Field(description="Rows that break it.")
    examples: list[dict[str, str | None]] = Field(description="Keys of some of them.")
    error: str = Field(description="Why it could not be asked; empty: it was.")


class CheckAnswer(AnswerBody):
    snapshot: str
    as_of: datetime | None = Field(description="All that was committed before it was in what was checked.")
    checked_at: datetime
    took_s: float
    is_sound: bool = Field(description="Nothing critical failed.")
    passed: int
    failed: int
    warned: int
    results: list[ExpectationAnswer]


class CertifiedAnswer(AnswerBody):
    snapshot: str
    as_of: datetime
    certified_at: datetime
    age_s: int = Field(description="Seconds since `as_of`.")


class ModelQualityAnswer(AnswerBody):
    model: str
    certified: CertifiedAnswer | None = Field(description="The newest snapshot that was found sound.")
    newest: CheckAnswer | None = Field(description="The newest check; null before the first.")


class QualityAnswer(AnswerBody):
    items: list[ModelQualityAnswer]
