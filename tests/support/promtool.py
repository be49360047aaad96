"""Prometheus' own tool: what is on the PATH, or Debian's, unpacked beside the other software and not installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.settings import Settings

PACKAGE = "prometheus"


def promtool() -> Path:
    """Where it is. Raises AssertionError when there is none on this machine and none to be had."""
    if there := shutil.which("promtool"):
        return Path(there)
    kept = Settings().folder.software / "promtool"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        _fetch(kept)
    return kept


def run(*arguments: str | Path, said_to_it: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [str(promtool()), *map(str, arguments)]
    return subprocess.run(command, input=said_to_it, capture_output=True, text=True, check=False)


def _fetch(into: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if _done("apt-get", "download", PACKAGE, where=folder).returncode != 0:
            _done("apt-get", "update", where=folder)  # a machine that has never asked knows no packages
            said = _done("apt-get", "download", PACKAGE, where=folder)
            assert said.returncode == 0, (
                f"there is no promtool: put one on the PATH, or install Debian's {PACKAGE}. {said.stderr}"
            )
        (package,) = folder.glob("*.deb")
        unpacked = _done("dpkg-deb", "-x", str(package), "unpacked", where=folder)
        assert unpacked.returncode == 0, unpacked.stderr
        arriving = into.with_suffix(".arriving")
        shutil.copy2(folder / "unpacked" / "usr" / "bin" / "promtool", arriving)
        arriving.rename(into)


def _done(*command: str, where: Path) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=where)
    except FileNotFoundError as missing:
        return subprocess.CompletedProcess(command, 127, "", f"{missing}")
