"""Lets go of what a table was: its old snapshots after a while, and then every file that none names any more."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table

from sinks.lake.iceberg_table import CommittedElsewhere, path_of


def sweep(table: Table, folder: Path, kept_since: datetime) -> int:
    """Returns how many snapshots went. One stays that was the current one at `kept_since`, or later: who began to read
    it then may still be at it.
    """
    old = _superseded(table, kept_since)
    if old:
        try:
            table.maintenance.expire_snapshots().by_ids(old).commit()
        except CommitFailedException as other:
            raise CommittedElsewhere(f"{'.'.join(table.name())} was changed meanwhile: {other}") from other
    named = {path.name for path in _named(table)}
    for part in ("data", "metadata"):
        for path in (folder / part).iterdir():
            if path.name not in named:
                path.unlink()
    return len(old)


def _superseded(table: Table, since: datetime) -> list[int]:
    line = sorted(table.snapshots(), key=lambda one: one.sequence_number or 0)
    moment = since.timestamp() * 1000
    return [one.snapshot_id for one, after in pairwise(line) if after.timestamp_ms < moment]


def _named(table: Table) -> Iterator[Path]:
    """All that a reader finds on its way from the catalogue, or from what it has read of it already."""
    yield path_of(table.metadata_location)
    yield from (path_of(entry.metadata_file) for entry in table.metadata.metadata_log)
    looked_at = set[str]()
    for snapshot in table.snapshots():
        yield path_of(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in looked_at:
                looked_at.add(manifest.manifest_path)
                yield path_of(manifest.manifest_path)
                yield from (path_of(one.data_file.file_path) for one in manifest.fetch_manifest_entry(table.io))
