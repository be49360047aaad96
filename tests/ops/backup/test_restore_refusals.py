"""What cannot be restored is told before anything is touched, with what to do about it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.backup import restore_progress
from ops.backup.restore_progress import Progress, Wanted
from ops.commands.restore import restore
from ops.failure import Failure
from ops.home import StackFolder
from tests.ops.backup.manifests import whole

STACK = "emptiness"


def refusal(home: Path, folder: Path, *more: object, **settings: str) -> str:
    """Why `rustok restore` does not begin."""
    clean = {name: None for name in os.environ if name.startswith("RUSTOK_")}
    environment = {**clean, "RUSTOK_HOME": str(home), "RUSTOK_STACK": STACK, **settings}
    done = CliRunner().invoke(restore, [str(folder), *map(str, more)], env=environment)
    assert isinstance(done.exception, Failure), done.output
    return f"{done.exception.what} {done.exception.remedy}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    whole(folder, keys=("token_key",))
    return folder


@pytest.mark.parametrize("server", ["postgres", "kafka", "opensearch", "analytics"])
def test_a_stack_that_has_data_is_never_written_over(home: Path, backups: Path, server: str) -> None:
    data = StackFolder(home, STACK).data(server)
    data.mkdir(parents=True)
    (data / "something").touch()

    why = refusal(home, backups)

    assert "has data" in why
    assert "rustok down --delete-data" in why
    assert [path.name for path in data.parent.iterdir()] == [server]


def test_a_moment_needs_a_log(home: Path, backups: Path, tmp_path: Path) -> None:
    assert "--archive" in refusal(home, backups, "--at", "2026-12-01T00:00:00Z")
    assert "no folder" in refusal(home, backups, "--archive", tmp_path / "nowhere")
    assert "no folder" in refusal(home, backups, RUSTOK_POSTGRES_ARCHIVE_DIR=str(tmp_path / "nowhere"))


def test_a_moment_before_every_backup_is_told(home: Path, backups: Path) -> None:
    assert "ended at 2026-11-30T05:01:00" in refusal(home, backups, "--at", "2026-11-30T05:00:00Z")


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-30T05:00:00"])
def test_a_moment_says_where_on_earth_it_is(backups: Path, moment: str) -> None:
    done = CliRunner().invoke(restore, [str(backups), "--at", moment])

    assert done.exit_code == 2
    assert "2026-11-30T05:00:00Z" in done.output


def test_what_is_not_ours_to_start_is_not_ours_to_restore(home: Path, backups: Path, tmp_path: Path) -> None:
    whole(tmp_path / "theirs", is_local=False)

    assert "its own tools" in refusal(home, backups, RUSTOK_POSTGRES_URL="postgresql://elsewhere/rustok")
    assert "its own tools" in refusal(home, tmp_path / "theirs")


def test_a_backup_without_keys_wants_those_that_were_kept_elsewhere(home: Path, tmp_path: Path) -> None:
    whole(tmp_path / "without")

    why = refusal(home, tmp_path / "without")

    assert "without keys" in why
    assert str(StackFolder(home, STACK).token_key.parent) in why


def test_a_restore_that_has_not_come_to_its_end_goes_on_as_it_was_begun(tmp_path: Path) -> None:
    wanted = Wanted(backup="/backups/base-1", at=None, archive=None)
    begun = Progress(tmp_path / restore_progress.NAME, wanted)
    with begun.step("keys") as is_due:
        assert is_due
    with pytest.raises(RuntimeError), begun.step("postgres"):
        raise RuntimeError("killed")
    begun.note({"epoch": 1})
    begun.keep()

    again = restore_progress.begun(tmp_path, wanted)

    assert again is not None
    assert (set(again.steps), again.found) == ({"keys"}, {"epoch": 1})
    with again.step("keys") as is_due:
        assert not is_due
    with pytest.raises(Failure, match="to its newest moment has not come to its end"):
        restore_progress.begun(tmp_path, Wanted(backup="/backups/base-2", at=None, archive=None))
    assert json.loads((tmp_path / restore_progress.NAME).read_text())["backup"] == "/backups/base-1"
    assert restore_progress.unfinished(tmp_path) == "rustok restore /backups/base-1"


def test_a_restore_that_found_its_backup_damaged_keeps_nobody_from_another_one(tmp_path: Path) -> None:
    damaged = Progress(tmp_path / restore_progress.NAME, Wanted(backup="/backups/base-1", at=None, archive=None))
    damaged.keep()

    other = restore_progress.begun(tmp_path, Wanted(backup="/backups/base-2", at=None, archive="/log"))

    assert (other, restore_progress.unfinished(tmp_path)) == (None, None)


def test_nothing_starts_while_a_restore_is_left_to_be_gone_on_with(home: Path) -> None:
    begun = Progress(
        StackFolder(home, STACK).root / restore_progress.NAME,
        Wanted(backup="/backups/base-1", at="2026-11-30T05:00:00+00:00", archive="/log"),
        {"backup": 1.0},
    )
    begun.file.parent.mkdir(parents=True, exist_ok=True)
    begun.keep()

    told = subprocess.run(
        [sys.executable, "-m", "ops.cli", "up"],
        env={**os.environ, "RUSTOK_HOME": str(home), "RUSTOK_STACK": STACK},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 2
    assert f"A restore into the stack {STACK} has not come to its end." in told.stderr
    assert "`rustok restore /backups/base-1 --at 2026-11-30T05:00:00+00:00 --archive /log` goes on" in told.stderr
