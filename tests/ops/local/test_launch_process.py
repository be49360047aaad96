"""A process starts whatever its predecessor left behind when it was killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.local import leftovers


@pytest.mark.parametrize("left", [None, b"", b"12x", b"\xff", b"99999999"])
def test_it_starts_with_any_note_of_a_predecessor(tmp_path: Path, left: bytes | None) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (tmp_path / "logs").mkdir()
    if left is not None:
        (run / "a-feed.group").write_bytes(left)

    done = subprocess.run(
        [sys.executable, "-m", "ops.local.launch_process", "a-feed", sys.executable, "-c", "print('it runs')"],
        env={**os.environ, leftovers.MARK: str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "it runs\n"), done.stderr
    assert [path.name for path in run.iterdir()] == ["a-feed.group"]
    assert (run / "a-feed.group").read_text() == str(os.getpgrp())
