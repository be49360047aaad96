"""Makes the lock of Python packages anew: the newest of each that pyproject.toml allows, for every Python and system.

Only packages that are ready-made count, so that nobody's machine needs a compiler.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ops.failure import Failure
from ops.locks.renew_locks import Lock

OLDEST_PYTHON = "3.11"
OPTIONS = (
    "--group=dev",
    "--universal",
    f"--python-version={OLDEST_PYTHON}",
    "--only-binary=:all:",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--quiet",
)
ENTRY = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def python_lock(root: Path) -> Lock:
    return Lock(root / "ops" / "requirements.lock", lambda: compiled(root), versions)


def compiled(root: Path) -> str:
    """The text of a new lock. Raises `Failure` when the registry, or a contradiction, does not allow one."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "requirements.lock")
        done = subprocess.run(
            [sys.executable, "-m", "uv", "pip", "compile", str(root / "pyproject.toml"), *OPTIONS, f"-o{output}"],
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failure(
                f"There is no new lock of Python packages:\n{done.stderr.strip()}",
                "Check the network if the registry did not answer, or the bounds in pyproject.toml if they contradict.",
            )
        return output.read_text()


def versions(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, version in ENTRY.findall(text):
        found.setdefault(name, []).append(version)
    return {name: ", ".join(several) for name, several in found.items()}


def _environment() -> dict[str, str]:
    """uv looks for the registry and the certificates where the machine has told pip about them."""
    told = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}
    also = {name: os.environ[pips] for name, pips in told.items() if pips in os.environ and name not in os.environ}
    return {**os.environ, **also}
