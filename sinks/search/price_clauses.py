"""Says which prices of a product are shown, filtered, sorted and counted, by who asks and in which currency.

Those of their customer group, where a price list of the group says something; else those that everybody pays by a list;
else the product's own. For visitors nothing of a group's prices is even looked at.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from sinks.search.group_prices import GROUP_PRICES, GROUPS, MOST, amounts_in, of_group, term
from sinks.search.product_choices import Side
from sinks.search.product_documents import PRICES_PART
from sinks.search.product_query import ProductQuery

_GROUPS: Final = f"{PRICES_PART}.{GROUPS}"
_GROUP_PRICES: Final = f"{PRICES_PART}.{GROUP_PRICES}"
#: The terms of a product are sorted: where the first is that is not below a bound.
_PLACE: Final = """
int placeOf(def terms, String bound) {
  int low = 0; int high = terms.size();
  while (low < high) {
    int middle = (low + high) / 2;
    if (terms.get(middle).compareTo(bound) < 0) { low = middle + 1 } else { high = middle }
  }
  return low;
}
long amountOf(String term) { return Long.parseLong(term.substring(term.lastIndexOf(' ') + 1)) }
"""
#: `!` comes next behind the space that follows the name of a group and a currency.
_SORTED_BY: Final = f"""{_PLACE}
if (params.whose != null && doc.containsKey('{_GROUP_PRICES}')) {{
  def terms = doc['{_GROUP_PRICES}'];
  int first = placeOf(terms, params.whose + ' '); int end = placeOf(terms, params.whose + '!');
  if (first < end) return amountOf(terms.get(params.dearest ? end - 1 : first));
}}
def listed = '{PRICES_PART}.' + params.field;
def amounts = doc.containsKey(listed) && doc[listed].size() > 0 ? doc[listed]
  : doc.containsKey(params.field) ? doc[params.field] : null;
if (amounts == null || amounts.size() == 0) return params.missing;
return params.dearest ? amounts.get(amounts.size() - 1) : amounts.get(0);
"""
_COUNTED: Final = f"""{_PLACE}
def terms = doc['{_GROUP_PRICES}']; def found = new ArrayList();
int end = placeOf(terms, params.whose + '!');
for (int at = placeOf(terms, params.whose + ' '); at < end; at++) {{ found.add(amountOf(terms.get(at))) }}
return found;
"""
#: Behind every price there can be, in either order.
_NO_PRICE: Final = 2**52


def shown_of(query: ProductQuery) -> list[str]:
    """What of a document the prices of a hit are shown from."""
    shown = ["prices", f"{PRICES_PART}.shown", f"{PRICES_PART}.prices"]
    return shown if query.customer_group is None else [*shown, _GROUP_PRICES]


def amounts_of(document: Mapping[str, Any], query: ProductQuery) -> list[int]:
    """Of all variants, each amount once; empty where there is no price in this currency."""
    part: Mapping[str, Any] = next((one for one in document.get(PRICES_PART, ()) if one["shown"]), {})
    group = query.customer_group
    of_the_group = [] if group is None else amounts_in(part, of_group(group, query.currency))
    listed: Mapping[str, list[int]] = part.get("prices", {})
    own: Mapping[str, list[int]] = document.get("prices", {})
    return of_the_group or listed.get(query.currency) or own.get(query.currency, [])


def priced(bounds: Mapping[Side, int | Decimal], query: ProductQuery) -> dict[str, Any]:
    """One of its variants costs as much."""
    given = {side: int(bound) for side, bound in bounds.items()}
    ranges = {
        "group": _range_of_group(given, query),
        "listed": {"range": {_listed(query): given}},
        "own": {"range": {_own(query): given}},
    }
    ways = [{"bool": {**where, "must": [ranges[name]]}} for name, where in _counting(query)]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def sorted_by(query: ProductQuery, order: Literal["asc", "desc"]) -> dict[str, Any]:
    """The dearest first, or the cheapest; without a price it is behind all others."""
    missing = _NO_PRICE if order == "asc" else -1
    params = {"field": _own(query), "whose": _whose(query), "missing": missing, "dearest": order == "desc"}
    return {"_script": {"type": "number", "script": {"source": _SORTED_BY, "params": params}, "order": order}}


def counted(query: ProductQuery) -> dict[str, Any]:
    """Aggregations, for `read_counted`."""
    stats: dict[str, dict[str, Any]] = {
        "group": {"script": {"source": _COUNTED, "params": {"whose": _whose(query)}}},
        "listed": {"field": _listed(query)},
        "own": {"field": _own(query)},
    }
    return {
        name: {"filter": {"bool": where}, "aggs": {"amounts": {"stats": stats[name]}}}
        for name, where in _counting(query)
    }


def read_counted(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Lowest, highest, sum and count, of each kind of price of which there are some."""
    found = [answer[name]["amounts"] for name in ("group", "listed", "own") if name in answer]
    return [one for one in found if one["count"]]


def _counting(query: ProductQuery) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each kind of price, and what of a bool clause keeps to the products of which it counts."""
    whose, before = _whose(query), list[dict[str, Any]]()
    if whose is not None:
        of_theirs = {"term": {_GROUPS: whose}}
        yield "group", {"filter": [of_theirs]}
        before.append(of_theirs)
    listed = {"exists": {"field": _listed(query)}}
    yield "listed", {"filter": [listed], "must_not": list(before)}
    yield "own", {"must_not": [*before, listed]}


def _range_of_group(given: Mapping[Side, int], query: ProductQuery) -> dict[str, Any]:
    whose = _whose(query)
    if whose is None:
        return {"match_none": {}}
    low = max(0, given.get("gte", 0), given.get("gt", -1) + 1)
    high = min(MOST, given.get("lte", MOST), given.get("lt", MOST + 1) - 1)
    if low > high:
        return {"match_none": {}}
    return {"range": {_GROUP_PRICES: {"gte": term(whose, low), "lte": term(whose, high)}}}


def _whose(query: ProductQuery) -> str | None:
    return None if query.customer_group is None else of_group(query.customer_group, query.currency)


def _own(query: ProductQuery) -> str:
    return f"prices.{query.currency}"


def _listed(query: ProductQuery) -> str:
    return f"{PRICES_PART}.{_own(query)}"
