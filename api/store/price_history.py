"""Reads what was said of prices and when: the tables of history, beside what is said now."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import psycopg

from api.domain.lowest_price import Said, SaidOfTier, Spell
from api.store import column_arrays
from api.store.price_lists import of_row
from schemas.events.price_list import PriceList

_OF_THEM: Final = "WHERE tenant_id = %(tenant)s AND variant_id = ANY (%(variants)s::uuid[])"
_BASE: Final = f"""
    SELECT variant_id, amount_minor, lower(during), upper(during) FROM base_price_history
    {_OF_THEM} AND currency = %(currency)s
    UNION ALL SELECT variant_id, amount_minor, since, NULL FROM prices {_OF_THEM} AND currency = %(currency)s
"""  # noqa: S608  # constants of this module
_TIERS: Final = f"""
    SELECT variant_id, list_id, amount_minor, lower(during), upper(during) FROM list_price_history
    {_OF_THEM} AND from_quantity = 1
    UNION ALL SELECT variant_id, list_id, amount_minor, since, NULL FROM price_list_entries
    {_OF_THEM} AND from_quantity = 1
"""  # noqa: S608  # constants of this module
_EVERYBODYS: Final = "currency = %(currency)s AND customer_group IS NULL"
_LISTS: Final = f"""
    SELECT list_id, '', currency, customer_group, starts_at, ends_at, priority, active, created_at,
        lower(during), upper(during)
    FROM price_list_history WHERE tenant_id = %(tenant)s AND list_id = ANY (%(lists)s::uuid[]) AND {_EVERYBODYS}
    UNION ALL
    SELECT id, name, currency, customer_group, starts_at, ends_at, priority, active, created_at, since, NULL
    FROM price_lists WHERE tenant_id = %(tenant)s AND id = ANY (%(lists)s::uuid[]) AND {_EVERYBODYS}
"""  # noqa: S608  # constants of this module


class PriceHistory:
    def __init__(self, connection: psycopg.Connection[Any], tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def said(self, variant_ids: Collection[UUID], currency: str) -> dict[UUID, Said]:
        """All that was said and is said of what everybody pays for one of each of them, in one currency."""
        given = {"tenant": self._tenant_id, "variants": column_arrays.ids(variant_ids), "currency": currency}
        base: defaultdict[UUID, list[Spell[int]]] = defaultdict(list)
        for variant_id, amount, since, until in self._connection.execute(_BASE, given):
            base[variant_id].append(Spell(amount, since, until))
        tiers: defaultdict[UUID, list[Spell[SaidOfTier]]] = defaultdict(list)
        for variant_id, list_id, amount, since, until in self._connection.execute(_TIERS, given):
            tiers[variant_id].append(Spell(SaidOfTier(list_id, amount), since, until))
        lists: defaultdict[UUID, list[Spell[PriceList]]] = defaultdict(list)
        named = {one.value.price_list_id for its in tiers.values() for one in its}
        for *row, since, until in self._connection.execute(_LISTS, {**given, "lists": column_arrays.ids(named)}):
            lists[row[0]].append(Spell(of_row(row), since, until))
        return {id_: _said(base[id_], tiers[id_], lists) for id_ in variant_ids}


def _said(
    base: list[Spell[int]], tiers: list[Spell[SaidOfTier]], lists: defaultdict[UUID, list[Spell[PriceList]]]
) -> Said:
    """With the lists that have anything to do with it."""
    named = {one.value.price_list_id for one in tiers}
    return Said(base=base, lists=[spell for list_id in named for spell in lists[list_id]], tiers=tiers)
