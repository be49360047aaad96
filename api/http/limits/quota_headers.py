"""Tells clients how much is left: the `RateLimit` headers of the IETF draft (draft-ietf-httpapi-ratelimit-headers).

    RateLimit-Policy: "search";q=60000;w=60
    RateLimit: "search";r=59999;t=42

Structured fields (RFC 9651). It is a draft still: its names are here and nowhere else.
"""

from collections.abc import Sequence
from typing import Final

from api.http.limits.counters import Counted

POLICY: Final = "RateLimit-Policy"
LEFT: Final = "RateLimit"
PROBLEM_TYPE: Final = "https://iana.org/assignments/http-problem-types#quota-exceeded"
VIOLATED: Final = "violated-policies"


def headers(counted: Sequence[Counted]) -> list[tuple[str, str]]:
    """In the order in which they were counted."""
    if not counted:
        return []
    policies = ", ".join([f'"{one.quota.name}";q={one.quota.amount};w={one.quota.window_s}' for one in counted])
    left = ", ".join([f'"{one.quota.name}";r={one.remaining};t={one.reset_s}' for one in counted])
    return [(POLICY, policies), (LEFT, left)]
