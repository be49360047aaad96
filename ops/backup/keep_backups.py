"""Removes old backups, and what killed ones left; a folder is never seen as a whole backup that is not."""

import shutil
from pathlib import Path
from typing import Final

from ops.backup import backup_manifest

_UNFINISHED: Final = ".unfinished-"


def unfinished(backup: Path) -> Path:
    """What it is called as long as it is not whole."""
    return backup.with_name(f"{_UNFINISHED}{backup.name}")


def remove_unfinished(folder: Path) -> None:
    """Called by the only one that writes into the folder."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)


def keep_newest(folder: Path, number: int) -> tuple[str, ...]:
    """The oldest go, so that so many are left; gives what they were called."""
    surplus = backup_manifest.whole(folder)[:-number]
    for one in surplus:
        leaving = unfinished(one.folder)
        one.folder.rename(leaving)
        shutil.rmtree(leaving)
    return tuple(one.folder.name for one in surplus)
