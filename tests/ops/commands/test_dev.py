"""`rustok dev lock` on a day without a network."""

import os
import socket
import subprocess
import sys

from ops.home import project_root

LOCKS = tuple(project_root() / "ops" / name for name in ("requirements.lock", "local/jars.lock"))


def test_no_registry_is_a_sentence_and_the_locks_stay() -> None:
    before = [lock.read_bytes() for lock in LOCKS]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"), closed)
    command = [sys.executable, "-m", "ops.cli", "dev", "lock"]

    done = subprocess.run(
        command,
        env={**os.environ, **nowhere, "NO_PROXY": "", "no_proxy": "", "UV_HTTP_RETRIES": "0", "UV_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "There is no new lock of Python packages" in done.stderr
    assert "Check the network" in done.stderr
    assert "Traceback" not in done.stderr
    assert [lock.read_bytes() for lock in LOCKS] == before
