"""`rustok sinks indices`: how the indices are spread over shards and copies, beside what is set."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass

import click

from ops.failure import Failure
from ops.settings import Settings
from sinks.opensearch import index_spread
from sinks.opensearch.index_builds import IndexBuilds
from sinks.opensearch.index_spread import IndexSpread, SpreadDifference
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.read_models import READ_MODELS
from sinks.sink import Unavailable
from sinks.stores import InOpenSearch, spread


@dataclass(frozen=True, slots=True)
class ShownIndex:
    """One that readers are led to, or that is fed to be."""

    model: str
    name: str
    found: IndexSpread
    differences: tuple[SpreadDifference, ...]


def run(settings: Settings, *, fix: bool, as_json: bool) -> bool:
    """Whether every index is as set by now. With `fix` the number of copies is changed; shards stay."""
    try:
        with closing(OpenSearchStore(settings.opensearch)) as store:
            shown = list(_shown(settings, store))
            if fix and (live := [one for index in shown for one in index.differences if one.live]):
                for one in live:
                    store.set_index(one.index, {one.setting: one.wanted})
                shown = list(_shown(settings, store))
    except Unavailable as away:
        raise Failure(f"{away}.", "Start it with `rustok up`, or correct RUSTOK_OPENSEARCH_URL.") from None
    if as_json:
        click.echo(json.dumps([_row(index) for index in shown], indent=2))
    else:
        for index in shown:
            _tell(index)
    return not any(index.differences for index in shown)


def _shown(settings: Settings, store: OpenSearchStore) -> Iterator[ShownIndex]:
    for model in READ_MODELS:
        if not isinstance(model.store, InOpenSearch):
            continue
        led = IndexBuilds(store, model).led()
        for build in sorted({build for build in (led.live, led.next, model.fed(led)) if build is not None}):
            for collection in model.collections:
                name = index_name(model, collection, build)
                if (described := store.described(name)) is not None:
                    found = index_spread.spread_of(described)
                    different = tuple(index_spread.differences(name, spread(settings), found))
                    yield ShownIndex(model.name, name, found, different)


def _row(index: ShownIndex) -> dict[str, object]:
    return {
        "model": index.model,
        "index": index.name,
        "shards": index.found.shards,
        "replicas": index.found.copies,
        "differences": [{k: v for k, v in asdict(one).items() if k != "index"} for one in index.differences],
    }


def _tell(index: ShownIndex) -> None:
    click.echo(f"{index.name:<44} shards {index.found.shards}  replicas {index.found.copies}")
    for one in index.differences:
        way = "`rustok sinks indices --fix`" if one.live else f"`rustok sinks rebuild start {index.model}`"
        click.echo(f"    {one.setting} is {one.found}, {one.wanted} is set: {way}")
