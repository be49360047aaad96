"""A checkout with nothing in it but `ops/run` and three tiny packages, which is installed in seconds."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.home import project_root
from tests.support import clean_machine
from tests.support.package_index import Index, Package

ALPHA = Package("alpha", "1.0", requires=["beta[fast]>=1"])
BETA = Package("beta", "1.0", requires=["gamma>=1; extra == 'fast'"], extras=["fast"])
GAMMA = Package("gamma", "1.0")
LOCKED = (ALPHA, BETA, GAMMA)
NEWER = (
    Package("beta", "2.0", requires=["gamma>=2; extra == 'fast'"], extras=["fast"]),
    Package("gamma", "2.0"),
)

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "rustok"
version = "0"
"""
BACKEND = '''\
"""Builds the project without a build tool: a wheel whose command says what is installed."""
import zipfile

COMMAND = """
import sys
from importlib.metadata import distributions
def main():
    print(*sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions() if d.metadata["Name"] not in OTHERS))
OTHERS = ("pip", "setuptools", "rustok")
"""

def build_editable(folder, config_settings=None, metadata_directory=None):
    info = "rustok-0.dist-info"
    files = {
        "rustok_command.py": COMMAND,
        f"{info}/METADATA": "Metadata-Version: 2.1\\nName: rustok\\nVersion: 0\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{info}/entry_points.txt": "[console_scripts]\\nrustok = rustok_command:main\\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\\n" for name in files)
    with zipfile.ZipFile(f"{folder}/rustok-0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return "rustok-0-py3-none-any.whl"
'''


@dataclass(frozen=True, slots=True)
class Checkout:
    root: Path
    environment: Mapping[str, str]

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def path(self) -> Path:
        return Path(self.environment["PATH"])

    def lock(self, packages: Sequence[Package]) -> None:
        (self.root / "ops" / "requirements.lock").write_text("".join(package.locked for package in packages))

    def run(self, **also: str) -> "subprocess.CompletedProcess[str]":
        return clean_machine.run(["bash", self.root / "ops" / "run"], {**self.environment, **also}, umask=0o077)

    def begin(self) -> "subprocess.Popen[str]":
        """A run in a process group of its own."""
        command = ["bash", str(self.root / "ops" / "run")]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip


def kill(running: "subprocess.Popen[str]") -> None:
    """All that the run started, at once."""
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()


def make_checkout(folder: Path, index: Index, *, pauses: str = "0 0 0") -> Checkout:
    """In a folder with a space and an umlaut; `pauses` between two attempts are seconds."""
    root = folder / "Lädchen am Markt"
    (root / "ops").mkdir(parents=True)
    script = (project_root() / "ops" / "run").read_text()
    assert "pauses=(2 5 15)" in script
    (root / "ops" / "run").write_text(script.replace("pauses=(2 5 15)", f"pauses=({pauses})"))
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    path = clean_machine.path_with(folder / "path", clean_machine.base_python())
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index.url, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0"}
    plain = {"PATH": str(path), "HOME": str(folder / "home"), "TERM": "dumb", **own}
    (folder / "home").mkdir()
    checkout = Checkout(root, plain)
    checkout.lock(LOCKED)
    index.packages += [*LOCKED, *NEWER]
    return checkout


def move(checkout: Checkout, to: Path) -> Checkout:
    shutil.move(checkout.root, to)
    return Checkout(to, checkout.environment)
