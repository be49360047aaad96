"""Whatever a visitor chose, hits and counts are those of counting the catalogue by hand."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api.instantsearch.catalogue import BRANDS, SIZES, TAGS, Catalogue, Item

pytestmark = pytest.mark.servers

COUNTED = ("brand", "tags", "in_stock", "options.size", "attributes.fat", *(f"categories.lvl{n}" for n in range(3)))
STATES = st.fixed_dictionaries(
    {
        "brand": st.lists(st.sampled_from(BRANDS), max_size=3, unique=True),
        "options.size": st.lists(st.sampled_from(SIZES), max_size=2, unique=True),
        "without": st.lists(st.sampled_from(TAGS), max_size=1),
        "price": st.tuples(st.none() | st.integers(0, 20), st.none() | st.integers(0, 20)),
        "in_stock": st.booleans(),
        "category": st.none() | st.integers(0, 6),
        "fat": st.sampled_from((None, "<", ">=", "=", "!=")),
    }
)


def escaped(value: str) -> str:
    """As the client writes a value that begins with a dash."""
    return f"\\{value}" if value.startswith("-") else value


def requests_of(state: dict[str, Any], catalogue: Catalogue) -> tuple[dict[str, Any], list[str], list[str]]:
    facets: dict[str, Any] = {
        name: [f"{name}:{escaped(value)}" for value in state[name]] for name in ("brand", "options.size") if state[name]
    }
    facets |= {"tags": f"tags:-{state['without'][0]}"} if state["without"] else {}
    facets |= {"in_stock": ["in_stock:true"]} if state["in_stock"] else {}
    if (path := path_of(state, catalogue)) is not None:
        facets["category"] = [f"categories.lvl{len(path) - 1}:{' > '.join(path)}"]
    low, high = state["price"]
    numbers = [f"price>={low}"] if low is not None else []
    numbers += [f"price<={high}"] if high is not None else []
    numbers += [f"attributes.fat{state['fat']}1.5"] if state["fat"] else []
    return facets, numbers, list(facets)


def path_of(state: dict[str, Any], catalogue: Catalogue) -> tuple[str, ...] | None:
    return None if state["category"] is None else sorted(catalogue.categories)[state["category"]]


def left(item: Item, state: dict[str, Any], catalogue: Catalogue, but: str = "") -> bool:
    bounds, path = state["price"], path_of(state, catalogue)
    fat = {None: True, "<": item.fat < 1.5, ">=": item.fat >= 1.5, "=": item.fat == 1.5, "!=": item.fat != 1.5}
    return (
        (but == "brand" or not state["brand"] or item.brand in state["brand"])
        and (but == "options.size" or not state["options.size"] or item.size in state["options.size"])
        and not set(state["without"]) & set(item.tags)
        and any(
            (bounds[0] is None or bounds[0] * 100 <= price) and (bounds[1] is None or price <= bounds[1] * 100)
            for price in item.prices
        )
        and (not state["in_stock"] or item.in_stock)
        and (path is None or item.path[: len(path)] == path)
        and fat[state["fat"]]
    )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=STATES)
def test_any_state_counts_as_by_hand(ask: Any, catalogue: Catalogue, state: dict[str, Any]) -> None:
    facets, numbers, chosen = requests_of(state, catalogue)
    disjunctive = [name for name in chosen if name in ("brand", "options.size")]

    hits, *others = ask(
        {
            "facets": [*COUNTED, "price"],
            "facetFilters": list(facets.values()),
            "numericFilters": numbers,
            "hitsPerPage": 100,
        },
        *(
            {
                "facets": name,
                "facetFilters": [one for other, one in facets.items() if other != name],
                "numericFilters": numbers,
                "hitsPerPage": 0,
            }
            for name in disjunctive
        ),
    )

    kept = [item for item in catalogue.items if left(item, state, catalogue)]
    assert {hit["objectID"] for hit in hits["hits"]} == {str(item.id) for item in kept}
    assert hits["nbHits"] == len(kept)
    for name in COUNTED:
        assert hits["facets"][name] == catalogue.counts(kept, name), name
    prices = [price for item in kept for price in item.prices]
    stats = hits.get("facets_stats", {}).get("price")
    assert (stats is None) == (not prices)
    if stats:
        assert (stats["min"], stats["max"]) == (min(prices) / 100, max(prices) / 100)
        assert stats["avg"] == pytest.approx(sum(prices) / len(prices) / 100)
    for name, answer in zip(disjunctive, others, strict=True):
        beside = [item for item in catalogue.items if left(item, state, catalogue, but=name)]
        assert answer["facets"] == {name: catalogue.counts(beside, name)}
        assert answer["exhaustiveFacetsCount"]


@pytest.mark.parametrize("brand", BRANDS, ids=range(len(BRANDS)))
def test_any_value_filters_exactly_its_products(ask: Any, catalogue: Catalogue, brand: str) -> None:
    quoted = brand.replace("\\", "\\\\").replace('"', '\\"')

    chosen, expressed, without = ask(
        {"facetFilters": [f"brand:{escaped(brand)}"], "hitsPerPage": 100},
        {"filters": f'brand:"{quoted}"', "hitsPerPage": 0},
        {"facetFilters": [f"brand:-{brand}"], "hitsPerPage": 0},
    )

    wanted = {str(item.id) for item in catalogue.items if item.brand == brand}
    assert {hit["objectID"] for hit in chosen["hits"]} == wanted
    assert expressed["nbHits"] == len(wanted)
    assert without["nbHits"] == len(catalogue.items) - len(wanted)
