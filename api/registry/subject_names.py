"""Names of subjects: `stock.counted` in the default context, `:.corner-shop:stock.counted` in another one.

A context is a name with a dot before it; the default one is the dot alone. `:.corner-shop:` with nothing behind it is
the whole context, and a request under `/contexts/.corner-shop/` means names without a context to be in that one.
"""

import re
from dataclasses import dataclass
from typing import Final

DEFAULT: Final = "."
#: In a prefix: every context.
EVERY: Final = ":*:"
MOST: Final = 255
_QUALIFIED: Final = re.compile(r":(\.[^:]*|\*):(.*)", re.DOTALL)
_CONTEXT: Final = re.compile(r"\.[A-Za-z0-9._-]*")
_RESERVED: Final = frozenset({"__GLOBAL", "__EMPTY"})


@dataclass(frozen=True, slots=True)
class Subject:
    context: str
    name: str

    def __str__(self) -> str:
        """As it is stored and answered: without a context when that is the default one."""
        return self.name if self.context == DEFAULT else f":{self.context}:{self.name}"

    @property
    def whole_context(self) -> "Subject":
        return Subject(self.context, "")

    @property
    def usable(self) -> bool:
        """Whether something can be registered under it."""
        return bool(
            self.name
            and self.name not in _RESERVED
            and self.name.isprintable()
            and len(self.name) <= MOST
            and _CONTEXT.fullmatch(self.context)
        )


def subject(text: str, within: str = DEFAULT) -> Subject:
    """What `text` means to somebody in the context `within`."""
    found = _QUALIFIED.fullmatch(text)
    return Subject(within, text) if found is None else Subject(found[1], found[2])


def of_tenant(slug: str) -> str:
    """The context that is a tenant's own."""
    return f".{slug}"
