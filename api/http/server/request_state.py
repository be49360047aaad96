"""What the door and the application say to each other about one request, besides the request itself."""

from dataclasses import dataclass, field
from enum import Enum

from api.http.server.wsgi_call import Environ
from sinks.wanted_version import Wanted

KEY = "rustok.visit"


class Waited(Enum):
    """How waiting for receipts ended."""

    SHOWN = "shown"
    IN_VAIN = "in_vain"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Wish:
    """To be called again when the read model shows all of it, or when the time is over. `who`: shop and actor."""

    model: str
    who: str
    wanted: frozenset[Wanted]
    longest_s: float


@dataclass(slots=True)
class Visit:
    """`began_s` is of `time.perf_counter`. With a `wish` the answer to this call is thrown away.

    `quota` are the headers that say how often the caller may ask, from the call before.
    """

    began_s: float
    wish: Wish | None = None
    waited: Waited | None = None
    quota: list[tuple[str, str]] = field(default_factory=list)


def visit_of(environ: Environ) -> Visit | None:
    """None: nobody is at the door who could wait for us."""
    found: Visit | None = environ.get(KEY)
    return found
