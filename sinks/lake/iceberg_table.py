"""Brings one Iceberg table to a list of files, in one commit that reads and writes no row.

A file is added or dropped whole. `delete` of the library would look for rows that match, and write files anew where
only some of a file's do; so its producer of snapshots is told the files by name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationException
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile, ManifestFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _OverwriteFiles

from sinks.lake.lake_catalogue import LakeCatalogue
from sinks.lake.lake_folder import location

_NAMES: Final = "schema.name-mapping.default"
#: So many minutes of metadata files stay with a commit a minute.
_METADATA_FILES: Final = "60"


class CommittedElsewhere(Exception):
    """Another process has changed the table meanwhile; nothing was written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """Of a table now. `rows` as its metadata counts them; `added` and `dropped` files, 0 when it was right already."""

    table: str
    snapshot_id: int | None
    rows: int
    files: int
    added: int
    dropped: int

    @property
    def is_commit(self) -> bool:
        return bool(self.added or self.dropped)


class _WholeFiles(_OverwriteFiles):
    """Lists no manifest any more in which every file is dropped: they would only ever become more."""

    def _process_manifests(self, manifests: list[ManifestFile]) -> list[ManifestFile]:
        return [
            one
            for one in manifests
            if one.added_snapshot_id == self._snapshot_id or one.has_added_files() or one.has_existing_files()
        ]


def opened(
    catalogue: LakeCatalogue, name: tuple[str, str], folder: Path, schema: Schema, properties: Mapping[str, str]
) -> Table:
    """The table, made where it is not there, or cannot be read any more."""
    try:
        table = catalogue.load_table(name)
        is_right = table.location() == location(folder) and all(map(_is_as_told, files_of(table).values()))
    except NoSuchTableError:
        return _made(catalogue, name, folder, schema, properties)
    except (FileNotFoundError, ValueError):
        is_right = False
    if not is_right:  # it was lost, or is elsewhere: all it says follows from the snapshot
        catalogue.drop_table(name)
        return _made(catalogue, name, folder, schema, properties)
    _describe(table, schema, properties)
    return table


def bring(table: Table, wanted: Sequence[Path], told: Mapping[str, str]) -> Brought:
    """`told` goes into the summary of the commit, if there is one. Raises `CommittedElsewhere`."""
    held = files_of(table)
    names = {location(path): path for path in wanted}
    added, dropped = sorted(names.keys() - held.keys()), sorted(held.keys() - names.keys())
    if added or dropped:
        transaction = Transaction(table)
        producer = _WholeFiles(
            operation=_operation(added, dropped),
            transaction=transaction,
            io=table.io,
            snapshot_properties=dict(told),
        )
        for path in added:
            producer.append_data_file(parquet_file_to_data_file(table.io, table.metadata, path))
        for path in dropped:
            producer.delete_data_file(held[path])
        try:
            producer.commit()
            transaction.commit_transaction()
        except (CommitFailedException, ValidationException) as other:
            raise CommittedElsewhere(f"{'.'.join(table.name())} was changed meanwhile: {other}") from other
    current = table.current_snapshot()
    summary = {} if current is None or current.summary is None else current.summary.additional_properties
    return Brought(
        table=table.name()[-1],
        snapshot_id=None if current is None else current.snapshot_id,
        rows=int(summary.get("total-records", 0)),
        files=len(names),
        added=len(added),
        dropped=len(dropped),
    )


def files_of(table: Table) -> dict[str, DataFile]:
    """Those of the current snapshot, by their location. Raises `FileNotFoundError` when its metadata is lost."""
    current = table.current_snapshot()
    if current is None:
        return {}
    return {
        entry.data_file.file_path: entry.data_file
        for manifest in current.manifests(table.io)
        for entry in manifest.fetch_manifest_entry(table.io)
    }


def path_of(place: str) -> Path:
    return Path(place.removeprefix("file://"))


def _is_as_told(file: DataFile) -> bool:
    """Whether it has the size that engines are told; one that is not there is dropped, if it was not made again."""
    path = path_of(file.file_path)
    return not path.exists() or path.stat().st_size == file.file_size_in_bytes


def _operation(added: Sequence[str], dropped: Sequence[str]) -> Operation:
    if not dropped:
        return Operation.APPEND
    return Operation.OVERWRITE if added else Operation.DELETE


def _made(
    catalogue: LakeCatalogue, name: tuple[str, str], folder: Path, schema: Schema, properties: Mapping[str, str]
) -> Table:
    fixed = {
        "format-version": "2",
        "commit.retry.num-retries": "0",  # who comes second starts again from what is there
        "write.metadata.delete-after-commit.enabled": "true",
        "write.metadata.previous-versions-max": _METADATA_FILES,
    }
    table = catalogue.create_table(name, schema, location(folder), properties={**fixed, **properties})
    # DuckDB writes no numbers of fields, so readers find columns by their names.
    table.transaction().set_properties({_NAMES: _mapping(table)}).commit_transaction()
    return table


def _describe(table: Table, schema: Schema, properties: Mapping[str, str]) -> None:
    """What is said of the table and its columns may have changed; columns come and go with a version of the model."""
    held = {field.name: field.doc for field in table.schema().fields}
    transaction = table.transaction()
    others = {name: said for name, said in properties.items() if table.properties.get(name) != said}
    if others:
        transaction.set_properties(others)
    changed = [one for one in schema.fields if one.name in held and held[one.name] != one.doc]
    if changed:
        with transaction.update_schema() as update:
            for one in changed:
                update.update_column(one.name, doc=one.doc)
    if others or changed:
        transaction.commit_transaction()


def _mapping(table: Table) -> str:
    return table.schema().name_mapping.model_dump_json()
