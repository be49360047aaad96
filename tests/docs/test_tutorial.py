"""The tutorial works as it is written: its commands run in order, in one shell, on the test stack."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.docs.pages import ROOT, blocks
from tests.support.stack import Stack

NAME = "corner-shop"


@pytest.mark.chain
@pytest.mark.timeout(240)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the tutorial calls the API with curl")
def test_every_command_of_the_tutorial_does_what_the_tutorial_says(stack: Stack) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own_name = f"{NAME}-{uuid4().hex[:8]}"  # the test stack may have run the tutorial before
    script = "set -euo pipefail\n" + "\n".join(blocks(ROOT / "docs" / "tutorial.md", "bash"))

    done = subprocess.run(
        ["bash", "-c", script.replace(NAME, own_name)],
        env={**stack.environment, "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert '"highlight": "Blue <em>cheese</em>, 200 g"' in done.stdout
    assert '"revenue_minor": 900' in done.stdout
    assert "('Blue cheese, 200 g', 2, 900)" in done.stdout
    assert "order.paid 3 " in done.stdout
    assert "order.paid 0/" in done.stdout
    assert "'paid', 900)" in done.stdout
    assert f"x-correlation-id: {own_name}-order-1" in done.stdout.lower()
