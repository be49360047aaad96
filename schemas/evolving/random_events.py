"""Makes values an event could hold in a real shop, from the class alone, the same for the same seed."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from schemas.avro_schema import optional

_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS: Final = ("tomatoes", "olive oil", "green tea", "rye bread", "dark chocolate", "soap", "pears", "butter")
#: Texts that mean something to whoever reads them, by `<class>.<field>` or by the field's name. The first is usual.
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "Order.status": ("paid", "pending", "confirmed", "partly_shipped", "shipped", "delivered", "cancelled"),
    "Product.status": ("active", "draft", "archived"),
    "AttributeValue.number": ("3.50", "0", "12", "-0.25"),
    "currency": ("EUR", "USD", "JPY"),
    "default_locale": ("en", "de"),
    "locale": ("en", "de", "de-AT"),
}
#: Of whose fields exactly one is said.
_ONE_IS_SAID: Final = frozenset({"AttributeValue"})


class Generator:
    """`nulls`: how many of the values that may be null are."""

    def __init__(self, seed: int = 7, nulls: float = 0.2) -> None:
        self._nulls = nulls
        self._random = Random(seed)  # noqa: S311  # the same events each time is what is wanted

    def event(self, cls: type) -> Any:
        hints = get_type_hints(cls)
        holder = re.sub(r"V\d+$", "", cls.__name__)
        names = [field.name for field in fields(cls)]
        if holder in _ONE_IS_SAID:
            said = self._random.choice(names)
            return cls(**dict.fromkeys(names) | {said: self._value(optional(hints[said]), holder, said)})
        return cls(**{name: self._value(hints[name], holder, name) for name in names})

    def uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def _value(self, hint: Any, holder: str, field: str) -> Any:
        inner = optional(hint)
        if inner is not None:
            return None if self._random.random() < self._nulls else self._value(inner, holder, field)
        if is_dataclass(hint) and isinstance(hint, type):
            return self.event(hint)
        if get_origin(hint) is tuple:
            return tuple(self._value(get_args(hint)[0], holder, field) for _ in range(self._random.randint(1, 3)))
        if get_origin(hint) is Mapping:
            return {
                self._words(): self._value(get_args(hint)[1], holder, field) for _ in range(self._random.randint(0, 2))
            }
        return self._plain(hint, holder, field)

    def _plain(self, hint: Any, holder: str, field: str) -> Any:
        if hint is UUID:
            return self.uuid()
        if hint is datetime:
            return _BEGIN + timedelta(microseconds=self._random.randrange(10**13))
        if hint is bool:
            return self._random.random() < 0.5
        if hint is int:
            return self._random.randrange(1, 10_000)
        choices = _CHOICES.get(f"{holder}.{field}", _CHOICES.get(field))
        text = self._words() if choices is None else self._random.choice((choices[0], *choices))
        return text.encode() if hint is bytes else text

    def _words(self) -> str:
        return f"{self._random.choice(_WORDS)} {self._random.randrange(1000)}"
