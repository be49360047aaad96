"""Refuses passwords that are guessed first: short ones, those many people have, and those made of what is known of you.

`common_passwords.txt` has the 3,000 most frequent ones that are long enough, from the lists of zxcvbn (MIT licence).
Nothing has to be in a password: no digit, no sign, no capital.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Final

from api.domain.errors import Invalid
from schemas.events.tenant import Tenant

SHORTEST, MOST_BYTES = 8, 1024
_LIST: Final = "common_passwords.txt"
_OURS: Final = "rustok"
#: A shorter word is in too many good passwords.
_SHORTEST_WORD: Final = 4
_FEWEST_DIFFERENT: Final = 4


def require_good(password: str, email: str, shop: Tenant | None, *, field: str = "password") -> None:
    """Raises `Invalid` of `field` for one that nobody should have."""
    if wrong := _wrong(password, email, shop):
        raise Invalid.field(field, *wrong)


def _wrong(password: str, email: str, shop: Tenant | None) -> tuple[str, str] | None:
    if len(password) < SHORTEST:
        return ("too_short", f"A password has at least {SHORTEST} characters.")
    if len(password.encode()) > MOST_BYTES:
        return ("too_long", f"A password has at most {MOST_BYTES} bytes.")
    if len(set(password)) < _FEWEST_DIFFERENT or password.lower() in _common():
        return ("too_easy", "Many people have this password: it is guessed at once.")
    plain = _letters(password)
    if any(word in plain for word in _known(email, shop)):
        return ("too_easy", "A password has neither your address nor the name of the shop in it.")
    return None


def _known(email: str, shop: Tenant | None) -> Iterator[str]:
    name = email.partition("@")[0]
    texts = [name, email, _OURS, *((shop.slug, shop.name) if shop is not None else ())]
    return (word for word in map(_letters, texts) if len(word) >= _SHORTEST_WORD)


def _letters(text: str) -> str:
    """Without what stands between, so that `Corner Shop` is in `corner-shop!1`."""
    return "".join(filter(str.isalnum, text.casefold()))


@cache
def _common() -> frozenset[str]:
    return frozenset(files(__package__).joinpath(_LIST).read_text().split())
