"""Measures how well search answers judged queries, beside a plain `multi_match` over the same articles in the same run.

On scratch indices of the running OpenSearch, removed at the end.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final
from uuid import UUID, uuid5

import click

from ops.bench.figures import tell
from ops.demo.grocer_source import Grocer, GrocerProduct
from ops.settings import Settings
from schemas.events.category import Category
from schemas.events.product import ProductText
from sinks.bench.judged_queries import LANGUAGES, JudgedQuery, grocer_queries, told_articles, told_queries
from sinks.bench.rank_quality import RankQuality, quality
from sinks.bench.scratch_search import ScratchSearch, Shelved, scratch_search
from sinks.bench.shelf import article, shelf
from sinks.search.product_query import ProductQuery

_SPACE: Final = UUID("0198f0c2-6a2e-7c11-9d53-3f1c2b7a9e11")
_DEEP: Final = 10
_SIDES: Final = ("ours", "plain")

_Rankings = list[tuple[Sequence[str], Mapping[str, int]]]


@click.command()
@click.option(
    "--half", type=click.Choice(["tuned", "held-back", "all"]), default="all", show_default=True,
    help="Of the queries: those that weights are tuned with, or those that show whether it helps.",
)  # fmt: skip
@click.option("--catalogue", type=click.Choice(["told", "grocer"]), help="Only this one.")
@click.option("--worst", type=click.IntRange(min=0), default=0, help="Also list so many queries, the worst first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document as the last line.")
def relevance(half: str, catalogue: str | None, worst: int, as_json: bool) -> None:
    """Judged queries, beside a plain multi_match: NDCG@10, success@1 and @10, and how many find nothing."""
    found: dict[str, dict[str, RankQuality]] = {}
    poor: list[tuple[float, str]] = []
    for name, ask in (("told", _told), ("grocer", _grocer)):
        if catalogue in (None, name):
            for group, sides in ask(half, poor).items():
                label = name if group == "all" else f"{name} {group}"
                found[label] = {side: quality(ranked) for side, ranked in sides.items()}
    for _, line in sorted(poor)[:worst]:
        tell(line)
    if as_json:
        click.echo(json.dumps({name: {side: asdict(one) for side, one in its.items()} for name, its in found.items()}))
        return
    click.echo(f"{'':<10} {'queries':>7}  {'':<6} {'NDCG@10':>8} {'success@1':>10} {'success@10':>11} {'nothing':>8}")
    for name, measured in found.items():
        for side, one in measured.items():
            about = f"{name:<10} {one.queries:>7}" if side == _SIDES[0] else f"{'':<18}"
            numbers = f"{one.ndcg_10:>8.3f} {one.success_1:>10.3f} {one.success_10:>11.3f} {one.nothing:>8.3f}"
            click.echo(f"{about}  {side:<6} {numbers}")


def _told(half: str, poor: list[tuple[float, str]]) -> dict[str, dict[str, _Rankings]]:
    articles = [
        Shelved(
            article(
                uuid5(_SPACE, one.key),
                [_text(language, title, one.key) for language, title in one.titles.items()],
            )
        )
        for one in told_articles()
    ]
    keys = {str(uuid5(_SPACE, one.key)): one.key for one in told_articles()}
    queries = _half(told_queries(), half)
    tell(f"told: {len(articles)} articles in {len(LANGUAGES)} languages, {len(queries)} queries")
    with scratch_search(Settings().opensearch, uuid5(_SPACE, "told"), articles) as search:
        return _asked(search, queries, keys, poor)


def _grocer(half: str, poor: list[tuple[float, str]]) -> dict[str, dict[str, _Rankings]]:
    """The articles of the busiest store, in its departments and their categories, judged by the type the till knows."""
    source = Grocer()
    (store,) = source.stores(1)
    asked = "SELECT DISTINCT product_id, product_type FROM sold WHERE store_id = ? AND product_type IS NOT NULL"
    types = {str(id_): str(type_) for id_, type_ in source.ask(asked, store)}
    products = source.products(store)
    articles = [_from_grocer(one) for one in products]
    names = {(one.department, None) for one in products} | {(one.department, one.category) for one in products}
    categories = [_category(department, name) for department, name in sorted(names, key=str)]
    keys = {str(uuid5(_SPACE, one.external_id)): one.external_id for one in products}
    queries = _half(grocer_queries(types), half)
    tell(f"grocer: {len(articles):,} articles, {len(queries)} queries")
    with scratch_search(Settings().opensearch, uuid5(_SPACE, "grocer"), articles, categories) as search:
        return _asked(search, queries, keys, poor)


def _asked(
    search: ScratchSearch,
    queries: Sequence[JudgedQuery],
    keys: Mapping[str, str],
    poor: list[tuple[float, str]],
) -> dict[str, dict[str, _Rankings]]:
    """All together, and each language where there are several."""
    found: dict[str, dict[str, _Rankings]] = defaultdict(lambda: {side: [] for side in _SIDES})
    for query in queries:
        asked = ProductQuery(
            tenant_id=search.tenant_id,
            text=query.text,
            locales=tuple(dict.fromkeys((query.locale, "en"))),
            per_page=_DEEP,
        )
        ours = [keys[str(hit.id)] for hit in search.ours.search(asked).hits]
        plain = [keys[id_] for id_ in search.plain_hits(query.text, query.locale, _DEEP)]
        for group in ("all", query.locale):
            found[group]["ours"].append((ours, query.grades))
            found[group]["plain"].append((plain, query.grades))
        one = quality([(ours, query.grades)]).ndcg_10
        poor.append((one, f"{one:.2f} {query.locale} {query.text!r}: {', '.join(ours[:5]) or 'nothing'}"))
    languages = sorted(found.keys() - {"all"})
    return {group: found[group] for group in ("all", *(languages if len(languages) > 1 else ()))}


def _half(queries: Sequence[JudgedQuery], half: str) -> list[JudgedQuery]:
    return [one for one in queries if half == "all" or one.is_held_back == (half == "held-back")]


def _from_grocer(one: GrocerProduct) -> Shelved:
    id_ = uuid5(_SPACE, one.external_id)
    made = article(
        id_,
        [_text("en", one.title, one.external_id)],
        sku=one.external_id,
        brand=one.brand,
        price_minor=one.price_minor,
        category_path=tuple(_category(one.department, name).id for name in (None, one.category)),
    )
    return Shelved(made, f"{one.department} {one.category or ''}")


def _category(department: str, name: str | None) -> Category:
    root = uuid5(_SPACE, department)
    return shelf((root,), department) if name is None else shelf((root, uuid5(root, name)), name)


def _text(locale: str, title: str, handle: str) -> ProductText:
    return ProductText(
        locale=locale,
        title=title,
        handle=handle,
        subtitle=None,
        description=None,
        seo_title=None,
        seo_description=None,
    )
