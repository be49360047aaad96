"""Takes versions of a read model out of the lake, with their files: those that nobody keeps any more, or all."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from sinks.lake import lake_folder
from sinks.lake.lake_catalogue import LakeCatalogue
from sinks.read_model import ReadModel


def held(catalogue: LakeCatalogue, lake: Path, model: ReadModel) -> list[str]:
    """The namespaces of all its versions, those that have nothing but files as well."""
    prefix = lake_folder.namespace_of(f"{model.name}-v")
    named = {name for (name, *_) in catalogue.list_namespaces()} | {path.name for path in lake.iterdir()}
    return sorted(name for name in named if name.startswith(prefix) and name.removeprefix(prefix).isdigit())


def abandoned(catalogue: LakeCatalogue, lake: Path, analytics: Path, model: ReadModel) -> list[str]:
    """Those of other versions whose read model is not there any more; one that is may be gone back to."""
    kept = {lake_folder.namespace_of(path.name) for path in analytics.iterdir()} | {lake_folder.namespace_of(model.id)}
    return [namespace for namespace in held(catalogue, lake, model) if namespace not in kept]


def remove(catalogue: LakeCatalogue, lake: Path, namespaces: Sequence[str]) -> list[str]:
    """Returns them. What is there of it already is out of the catalogue before its files go."""
    for namespace in namespaces:
        if catalogue.namespace_exists(namespace):
            for name in catalogue.list_tables(namespace):
                catalogue.drop_table(name)
        if catalogue.namespace_exists(namespace):  # it was more than its tables
            catalogue.drop_namespace(namespace)
        shutil.rmtree(lake / namespace, ignore_errors=True)
    return list(namespaces)
