"""Says which taxes a shop's carts are counted with, and shows them."""

from api.domain.changes import ANY_VERSION, Expected, Versioned
from api.domain.errors import FieldError, Invalid
from api.domain.tax_rates import TaxRate, TaxTable
from api.store.unit_of_work import UnitOfWork
from api.store.view import View
from api.use_cases.checkout_settings.commands import GivenTaxes


def get_taxes(view: View) -> Versioned[TaxTable]:
    return view.taxes.get()


def say_taxes(work: UnitOfWork, command: GivenTaxes, expected: Expected = ANY_VERSION) -> Versioned[TaxTable]:
    """As it was when nothing is different. Raises `VersionMismatch`, and `Invalid` naming every rate that cannot be."""
    held = work.taxes.hold()
    expected.require(held)
    table = TaxTable(
        prices_include_tax=command.prices_include_tax,
        by_country=command.by_country,
        rates=tuple(
            TaxRate(country=one.country, postal_prefix=one.postal_prefix, category_id=one.category_id, rate=one.rate)
            for one in command.rates
        ),
    )
    _check(work, table)
    if table == held.value:
        work.nothing_is_done()
        return held
    return work.taxes.put(held, table)


def _check(work: UnitOfWork, table: TaxTable) -> None:
    there = work.categories.paths({one.category_id for one in table.rates if one.category_id is not None})
    wrong: list[FieldError] = []
    seen = set()
    for at, one in enumerate(table.rates):
        if one.category_id is not None and one.category_id not in there:
            message = f"There is no category {one.category_id}."
            wrong.append(FieldError(f"rates.{at}.category_id", "unknown_category", message))
        what = (one.country, one.postal_prefix, one.category_id)
        if what in seen:
            wrong.append(FieldError(f"rates.{at}", "twice", "Another rate is for the same."))
        seen.add(what)
    if wrong:
        raise Invalid("Some rates cannot be.", wrong)
