"""Pages that a search found, in JSON."""

from datetime import datetime
from uuid import UUID

from api.http.bodies.fields import AnswerBody
from api.http.bodies.read_models import Fresh


class PageHitAnswer(AnswerBody):
    """`highlight` is the title with the found words in `<em>`, HTML-escaped; `snippet` the same of the summary, or of
    what stands around them in the body, without Markdown.
    """

    id: UUID
    kind: str
    title: str
    handle: str
    summary: str | None
    tags: list[str]
    published_at: datetime | None
    locale: str
    highlight: str | None
    snippet: str | None
    score: float | None
    version: int


class PageSearchAnswer(Fresh):
    """`match`: how much of the query the hits have, as in a search for products."""

    total: int
    match: str
    page: int
    per_page: int
    hits: list[PageHitAnswer]
