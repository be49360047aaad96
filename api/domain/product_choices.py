"""Says what a product can be chosen in, in one language: its options and their values, each by its name there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.events.product import OptionTexts, Product


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    name: str
    values: tuple[ChoiceValue, ...]


def choices(product: Product, chain: Sequence[str]) -> tuple[Choice, ...]:
    """Every option, with the values that some variant has: first those that have texts, in their order, then the others
    by the rank of their variants. What has no name in any locale of the `chain` is called by its code.
    """
    told = {option.code: option for option in product.option_texts}
    return tuple(_choice(product, code, told.get(code), chain) for code in product.options)


def _choice(product: Product, code: str, told: OptionTexts | None, chain: Sequence[str]) -> Choice:
    offered = dict.fromkeys(
        variant.option_values[code] for variant in product.variants if code in variant.option_values
    )
    names = {} if told is None else {value.code: value.names for value in told.values}
    ordered = [*(value for value in names if value in offered), *(value for value in offered if value not in names)]
    return Choice(
        code=code,
        name=_name(code, {} if told is None else told.names, chain),
        values=tuple(ChoiceValue(value, _name(value, names.get(value, {}), chain)) for value in ordered),
    )


def _name(code: str, names: Mapping[str, str], chain: Sequence[str]) -> str:
    return next((names[locale] for locale in chain if locale in names), code)
