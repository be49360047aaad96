"""A backup is whole or none, and of several the right one is taken."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ops.backup import backup_manifest, keep_backups, listed_files
from ops.backup.backup_manifest import ListedFile
from ops.failure import Failure
from tests.ops.backup.manifests import MADE_AT, manifest, whole

DAY = timedelta(days=1)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    files = (ListedFile(path="keys/token_key", bytes=64, sha256="da11"),)
    made = whole(tmp_path, keys=("token_key",), files=files)

    read = backup_manifest.read(made).manifest

    assert (read.made_at, read.files, list(read.keys)) == (MADE_AT, files, ["token_key"])
    assert backup_manifest.as_json(read) == backup_manifest.as_json(manifest(keys=("token_key",), files=files))


def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "base-20261130T050000Z" / "postgres").mkdir(parents=True)

    assert backup_manifest.whole(tmp_path) == []
    with pytest.raises(Failure, match="no whole backup"):
        backup_manifest.chosen(tmp_path, None)
    with pytest.raises(Failure, match=r"has no backup\.json"):
        backup_manifest.read(tmp_path / "base-20261130T050000Z")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": "1"}'])
def test_what_nobody_could_have_written_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / backup_manifest.NAME).write_text(text)

    with pytest.raises(Failure, match="is not as `rustok backup` wrote it"):
        backup_manifest.read(tmp_path)


def test_a_backup_of_a_newer_format_is_for_newer_code(tmp_path: Path) -> None:
    made = whole(tmp_path)
    told = json.loads((made / backup_manifest.NAME).read_text())
    (made / backup_manifest.NAME).write_text(json.dumps(told | {"format": backup_manifest.FORMAT + 1}))

    with pytest.raises(Failure, match="newer version of RusToK"):
        backup_manifest.read(made)


def test_of_several_the_newest_is_taken_that_can_be_brought_to_the_moment(tmp_path: Path) -> None:
    first, second = whole(tmp_path, MADE_AT), whole(tmp_path, MADE_AT + DAY)

    assert backup_manifest.chosen(tmp_path, None).folder == second
    assert backup_manifest.chosen(tmp_path, MADE_AT + DAY).folder == first  # the second had not ended yet
    assert backup_manifest.chosen(tmp_path, MADE_AT + 2 * DAY).folder == second
    assert backup_manifest.chosen(first, None).folder == first
    with pytest.raises(Failure, match="ended at 2026-11-30T05:01:00"):
        backup_manifest.chosen(tmp_path, MADE_AT)


def test_only_the_oldest_go_and_only_whole_ones_count(tmp_path: Path) -> None:
    made = [whole(tmp_path, MADE_AT + number * DAY) for number in range(4)]
    half = keep_backups.unfinished(tmp_path / "base-20261130T000000Z")
    half.mkdir()

    removed = keep_backups.keep_newest(tmp_path, 3)

    assert removed == (made[0].name,)
    assert [one.folder for one in backup_manifest.whole(tmp_path)] == made[1:]
    assert keep_backups.keep_newest(tmp_path, 3) == ()
    keep_backups.remove_unfinished(tmp_path)
    assert not half.exists()
    assert [one.folder for one in backup_manifest.whole(tmp_path)] == made[1:]


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda file: file.write_text("sesame"), lambda file: file.write_text("")]
)
def test_a_file_that_is_another_than_was_backed_up_is_told(tmp_path: Path, damage: object) -> None:
    file = tmp_path / "keys" / "token_key"
    file.parent.mkdir()
    file.write_text("secret")
    listed = listed_files.listed(tmp_path, ("keys", "read-models"))
    listed_files.check(tmp_path, listed)

    damage(file)  # type: ignore[operator]

    with pytest.raises(Failure, match="is not as it was backed up"):
        listed_files.check(tmp_path, listed)
