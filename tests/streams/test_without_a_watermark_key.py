"""A process that could not tell a genuine watermark from another does not start, and says which key it lacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("command", [("streams", "feed", "sales"), ("streams", "feed", "sales", "product-search")])
def test_a_feed_without_a_good_key_is_a_sentence(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", *command],
        env={**os.environ, "RUSTOK_HOME": str(tmp_path), "RUSTOK_WATERMARK_KEY": "short"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 2
    assert "no good key for watermarks" in done.stderr
    assert "RUSTOK_WATERMARK_KEY" in done.stderr
    assert "Traceback" not in done.stderr
