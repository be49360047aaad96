"""Tells of a neighbour that does not answer, where a command did not expect it, as of any other failure.

What is caught here is known by what its library raises; a library that nobody loaded raised nothing.
"""

import sys
from typing import Final

from ops.failure import Failure

_REMEDY: Final = (
    "`rustok status` shows what is down, and `rustok up` starts what is not another's. Then run this again."
)


def as_failure(raised: Exception) -> Failure | None:
    """None for anything else, which is a mistake of ours."""
    psycopg, kafka = sys.modules.get("psycopg"), sys.modules.get("confluent_kafka")
    if psycopg is not None and isinstance(raised, psycopg.OperationalError):
        return Failure(f"PostgreSQL does not answer: {_sentence(str(raised))}", _REMEDY)
    if kafka is not None and isinstance(raised, kafka.KafkaException):
        error = raised.args[0]
        return Failure(f"Kafka does not answer: {_sentence(error.str())}", _REMEDY) if _is_away(error) else None
    if hasattr(raised, "retry_after_s"):  # as a store says it, whichever it is
        return Failure(_sentence(str(raised)), _REMEDY)
    return None


def _is_away(error: object) -> bool:
    name = getattr(error, "name", lambda: "")()
    return name in ("_TRANSPORT", "_TIMED_OUT", "_ALL_BROKERS_DOWN", "_RESOLVE", "REQUEST_TIMED_OUT")


def _sentence(text: str) -> str:
    first = text.strip().partition("\n")[0].rstrip(".")
    return f"{first[:1].upper()}{first[1:]}."
