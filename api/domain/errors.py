"""Why something is refused: one tree of exceptions; each is a fact with fields, and its text may be shown to clients.

Nothing here knows HTTP: `api.http.problems` says which status each of them has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `field` is a path like `variants.0.prices.1.currency`."""

    field: str
    code: str
    message: str


class Refused(Exception):
    """The command or question is not carried out; nothing has changed. `code` is stable, the text is not."""

    code = "refused"

    def __init__(self, detail: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class Malformed(Refused):
    """What came in is not JSON, or not what the route reads at all."""

    code = "malformed"


class Invalid(Refused):
    """Well-formed, but fields break a rule; `errors` names each of them."""

    code = "invalid"

    @classmethod
    def field(cls, field: str, code: str, message: str) -> "Invalid":
        return cls(message, (FieldError(field, code, message),))


class Unauthenticated(Refused):
    """Nobody knows who is asking."""

    code = "unauthenticated"


class Forbidden(Refused):
    """It is known who is asking, and they may not."""

    code = "forbidden"


class NotFound(Refused):
    """There is no such thing in this tenant, or not for this actor."""

    code = "not_found"

    def __init__(self, kind: str, name: object) -> None:
        super().__init__(f"There is no {kind} {name}.")


class ModuleOff(Refused):
    """The shop has switched off what this is part of."""

    code = "module_off"

    def __init__(self, module: str) -> None:
        super().__init__(f"This shop has switched {module} off.")


class NotProven(Refused):
    """Nothing shows that a domain is the shop's."""

    code = "not_proven"


class Conflict(Refused):
    """It contradicts what is already there."""

    code = "conflict"


class Taken(Conflict):
    """A name that must be unique in the tenant is in use."""

    code = "taken"

    def __init__(self, field: str, value: object, advice: str = "") -> None:
        message = f"{value} is already in use. {advice}".rstrip()
        super().__init__(message, (FieldError(field, "taken", message),))


class IllegalTransition(Conflict):
    """The state machine has no such step."""

    code = "illegal_transition"

    def __init__(self, kind: str, status: str, wanted: str) -> None:
        super().__init__(f"The {kind} is {status}: it cannot become {wanted}.")
        self.status = status


class StaleVersion(Conflict):
    """Somebody else changed the aggregate between reading and writing."""

    code = "stale_version"

    def __init__(self, expected: int, found: int | None = None) -> None:
        now = "" if found is None else f" and is at {found} now"
        super().__init__(f"It was at version {expected}{now}: read it again and decide anew.")


class KeyReused(Conflict):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_key_reused"


class AnswerNotKept(Conflict):
    """The command was carried out already, and its answer was too large or too secret to be kept; `headers` were."""

    code = "idempotency_answer_not_kept"

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("This was done already. Its answer was too large or too secret to be kept: read what it made.")
        self.headers = dict(headers)


class VersionMismatch(Refused):
    """If-Match named another version than the one that is there."""

    code = "version_mismatch"
