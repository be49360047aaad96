"""Says options' texts and typed attributes as JSON columns do, and reads them back.

The version before knows neither column and writes `options` and `attributes` beside them: what those say holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.events.product import AttributeValue, OptionTexts, ValueTexts
from schemas.product_attributes import attribute_text


def option_rows(options: Iterable[OptionTexts]) -> list[Any]:
    return [
        [option.code, dict(option.names), [[value.code, dict(value.names)] for value in option.values]]
        for option in options
    ]


def read_options(rows: Iterable[Sequence[Any]], codes: Sequence[str]) -> tuple[OptionTexts, ...]:
    """Those of options that the product has."""
    return tuple(
        OptionTexts(code=code, names=names, values=tuple(ValueTexts(code=one, names=called) for one, called in values))
        for code, names, values in rows
        if code in codes
    )


def typed_row(attributes: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Of those that are no texts."""
    return {name: _cell(value) for name, value in attributes.items() if value.text is None}


def read_typed(texts: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """Each attribute as what it is, as long as it says what its text says."""
    return {name: _read(text, row.get(name)) for name, text in texts.items()}


def _cell(value: AttributeValue) -> Any:
    if value.boolean is not None:
        return value.boolean
    return {"number": value.number} if value.texts is None else value.texts


def _read(text: str, cell: Any) -> AttributeValue:
    told = AttributeValue(
        text=None,
        number=cell["number"] if isinstance(cell, dict) else None,
        boolean=cell if isinstance(cell, bool) else None,
        texts=tuple(cell) if isinstance(cell, list) else None,
    )
    if cell is None or attribute_text(told) != text:
        return AttributeValue(text=text, number=None, boolean=None, texts=None)
    return told
