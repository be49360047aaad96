"""Manifests of backups that tests put into folders."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops.backup import backup_manifest
from ops.backup.backup_manifest import Manifest

MADE_AT = datetime(2026, 11, 30, 5, tzinfo=UTC)


def manifest(made_at: datetime = MADE_AT, **different: Any) -> Manifest:
    facts = {
        "made_at": made_at,
        "ended_at": made_at + timedelta(minutes=1),
        "stack": "main",
        "code": "0.1.0",
        "revision": "0501",
        "epoch": 0,
        "is_local": True,
        "server_version": "18.6",
        "system_identifier": "7713826627939031907",
        "timeline": 1,
        "start_lsn": "0/3000028",
        "end_lsn": "0/3000120",
        "bytes": {"postgres": 61_058_830, "read-models": 2_908_160},
    }
    return Manifest(**facts | different)


def whole(folder: Path, made_at: datetime = MADE_AT, **different: Any) -> Path:
    made = folder / backup_manifest.folder_name(made_at)
    made.mkdir(parents=True)
    backup_manifest.write(made, manifest(made_at, **different))
    return made
