"""What a file of another system says of one product: the rows it is made of, and what an import is to take of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from api.domain.product_facts import MEASURES
from api.domain.product_limits import LONGEST_SEO_DESCRIPTION, LONGEST_SEO_TITLE
from api.use_cases.product_files.written_measures import UnreadableMeasure, whole_units
from api.use_cases.product_files.written_numbers import UnreadableNumber, minor_units
from schemas.article_codes import code_key

_NAME: Final = 300
_EXTERNAL_ID: Final = 200


@dataclass(frozen=True, slots=True)
class Note:
    """Something about one row that whoever sent it should know."""

    line: int
    text: str


@dataclass(slots=True)
class ForeignProduct:
    """`body` is as an import takes it but for its `categories`, which are the names in `paths`, each from the root.

    `refused`: why it cannot be taken, whatever the shop says.
    """

    external_id: str
    lines: list[int]
    body: dict[str, Any] = field(default_factory=dict)
    paths: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    refused: Note | None = None

    def refuse(self, line: int, why: str) -> None:
        self.refused = self.refused or Note(line, why)

    def price(self, line: int, currency: str, now: str, before: str) -> list[Mapping[str, Any]]:
        """One price or none. A crossed-out price that is not above it is left out, with a note."""
        if not now:
            self.notes.append(Note(line, "It has no price, so it cannot be ordered."))
            return []
        try:
            amount = minor_units(now, currency)
            crossed_out = minor_units(before, currency) if before else None
        except UnreadableNumber as why:
            self.refuse(line, str(why))
            return []
        if crossed_out is not None and crossed_out <= amount:
            if crossed_out:
                self.notes.append(Note(line, f"The price before, {before}, is not above {now} and is left out."))
            crossed_out = None
        return [{"currency": currency, "amount_minor": amount, "compare_at_minor": crossed_out}]

    def measure(self, line: int, name: str, written: str, unit: Decimal) -> dict[str, int]:
        """The measure of a variant that is called `name`, or none. What cannot be read is left out, with a note."""
        try:
            whole = whole_units(written, unit, MEASURES[name])
        except UnreadableMeasure as why:
            self.notes.append(Note(line, f"{why}: its {name.partition('_')[0]} is left out."))
            return {}
        return {} if whole is None else {name: whole}


def named(system: str, name: str) -> str:
    """What the product is called from now on, so that the same file again changes nothing."""
    external_id = f"{system}:{''.join(character for character in name if character >= ' ')}"
    if len(external_id) <= _EXTERNAL_ID:
        return external_id
    return f"{external_id[: _EXTERNAL_ID - 17]}~{blake2b(name.encode(), digest_size=8).hexdigest()}"


def path_of(written: str) -> tuple[str, ...]:
    """`Clothing > Shirts` are two names."""
    return tuple(name.strip()[:_NAME] for name in written.split(">") if name.strip())


def seo(title: str, description: str) -> dict[str, str]:
    """What is there of them, no longer than it may be."""
    told = {
        "seo_title": " ".join(title.split())[:LONGEST_SEO_TITLE],
        "seo_description": " ".join(description.split())[:LONGEST_SEO_DESCRIPTION],
    }
    return {name: text for name, text in told.items() if text}


def distinct(values: Iterable[str]) -> list[str]:
    """Each once, as long as a name may be."""
    return list(dict.fromkeys(value.strip()[:_NAME] for value in values if value.strip()))


def made_sku(product: str, values: Sequence[str], taken: set[str]) -> str:
    """For a variant that has none: the product's name there and what tells the variant from the others.

    `taken` are the `code_key`s of all SKUs of the product, this one's, too, when it is made.
    """
    said = "-".join([product, *values]).replace(" ", "-")[: _EXTERNAL_ID - 5]
    sku, number = said, 2
    while code_key(sku) in taken:
        sku, number = f"{said}-{number}", number + 1
    taken.add(code_key(sku))
    return sku
