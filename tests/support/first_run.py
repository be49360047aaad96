"""A newcomer's first quarter of an hour: from a clone to a product found by search and a sale in the figures.

On a machine that has nothing but Python: a new home, no cache of packages or jars, nothing else on the PATH. All of it
happens in one folder, and ends with it.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import httpx

from ops.home import StackFolder, default_home, project_root
from ops.local import leftovers
from tests.support import clean_machine

NAME = "Lädchen am Markt"
DEADLINE_S = 1500.0
DONE = re.compile(r"^(✓ .* s|.*imported in .*)$")
DEMO = ("demo", "--check", "--json", "--stores", "1", "--free-ports")
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class User:
    """Who runs it. Root can be somebody else; anybody else is only himself."""

    uid: int

    @property
    def is_caller(self) -> bool:
        return self.uid == os.geteuid()

    @property
    def popen(self) -> dict[str, Any]:
        return {} if self.is_caller else {"user": self.uid, "group": self.uid, "extra_groups": [self.uid]}


def ordinary_user() -> User:
    return User(NOBODY if os.geteuid() == 0 else os.geteuid())


@dataclass(frozen=True, slots=True)
class Newcomer:
    folder: Path
    clone: Path
    user: User
    umask: int
    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return default_home(self.clone, is_root=self.user.uid == 0)

    @property
    def stack(self) -> StackFolder:
        return StackFolder(self.home, "main")

    def run(self, command: Sequence[str], tell: Callable[[str], None]) -> str:
        """What it wrote to standard output; each part that is done is told. Fails with all that was said."""
        with (
            tempfile.TemporaryFile("w+") as output,
            subprocess.Popen(
                command, cwd=self.clone, env=self.environment, umask=self.umask, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.PIPE, text=True, start_new_session=True, **self.user.popen
            ) as running,
            _ended_in_time(running),
        ):  # fmt: skip
            for line in running.stderr or ():
                self.said.append(line)
                if DONE.match(line.rstrip()):
                    tell(line.rstrip())
            code = running.wait()
            output.seek(0)
            written = output.read()
        assert code == 0, f"{' '.join(command)} gave {code}:\n{''.join(self.said)}{written}"
        return written

    def rustok(self, *arguments: str) -> str:
        return self.run([str(self.clone / ".venv" / "bin" / "rustok"), *arguments], lambda _: None)


@contextmanager
def newcomer(python: Path, *, user: User, umask: int) -> Iterator[Newcomer]:
    """A clone in a folder that everybody can reach, with a space and an umlaut in its name."""
    folder = Path(tempfile.mkdtemp(prefix="rustok-first-run-", dir="/var/tmp"))
    folder.chmod(0o755)
    clone, home = folder / NAME, folder / "home"
    path = clean_machine.path_with(folder / "path", python)
    # The machine's own folder of fetched jars may have them already.
    environment = clean_machine.environment(path, home, {"RUSTOK_DOWNLOADS": str(folder / "downloads")})
    one = Newcomer(folder, clone, user, umask, environment)
    try:
        copy_to(clone)
        clone.chmod(0o777 & ~umask)
        if not user.is_caller:
            subprocess.run(["chown", "-R", f"{user.uid}:{user.uid}", str(folder)], check=True)
        yield one
    finally:
        if (clone / ".venv" / "bin" / "rustok").exists():
            one.rustok("down")
        leftovers.end(one.stack.root)
        for place in {one.home, folder}:
            shutil.rmtree(place, ignore_errors=True)


def copy_to(clone: Path) -> None:
    """What is committed, and what is changed in files that git knows; all there is where that is no git checkout."""
    root = project_root()
    if (root / ".git").exists():
        git("clone", "--quiet", "--no-hardlinks", str(root), str(clone))
        if changes := git("-C", str(root), "diff", "--binary", "HEAD"):
            subprocess.run(["git", "-C", str(clone), "apply", "--whitespace=nowarn"], input=changes, check=True)
    else:
        made = shutil.ignore_patterns(".venv", ".rustok", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
        shutil.copytree(root, clone, ignore=made)


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout


def first_run(one: Newcomer, tell: Callable[[str], None]) -> dict[str, Any]:
    """From nothing to the demo's report; raises `AssertionError` with all that was said when a step fails."""
    began = time.monotonic()
    written = one.run(["bash", str(one.clone / "ops" / "run"), *DEMO], tell)
    tell(f"✓ first run in {time.monotonic() - began:.0f} s")
    report: dict[str, Any] = json.loads(written.splitlines()[-1])
    return report


def found_by_search(one: Newcomer, words: str) -> list[str]:
    """Titles."""
    with _shop(one) as shop:
        return [hit["title"] for hit in shop.get("/v1/search/products", params={"q": words}).json()["hits"]]


def revenue_minor(one: Newcomer) -> int:
    with _shop(one) as shop:
        return sum(row["revenue_minor"] for row in shop.get("/v1/analytics/sales").json()["rows"])


@contextmanager
def _shop(one: Newcomer) -> Iterator[httpx.Client]:
    (slug,) = set(re.findall(r"store-\d+", "".join(one.said)))
    token = json.loads(one.rustok("api", "token", "--json", "--tenant", slug))[slug]
    port = re.search(r"^RUSTOK_API_PORT=(\d+)$", one.stack.env_file.read_text(), re.MULTILINE)
    assert port
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port[1]}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as client:
        yield client


@contextmanager
def _ended_in_time(running: "subprocess.Popen[str]") -> Iterator[None]:
    """Whatever it started ends with the deadline, or with us."""
    late = Timer(DEADLINE_S, lambda: os.killpg(running.pid, signal.SIGKILL))
    late.start()
    try:
        yield
    except BaseException:
        os.killpg(running.pid, signal.SIGKILL)
        raise
    finally:
        late.cancel()


def pythons() -> dict[tuple[int, int], Path]:
    """The usable Pythons of this machine that everybody may run, or that are ours alone, by version; newest last."""
    told = "import ensurepip, sys, venv; print(*sys.version_info[:2], sys.executable)"
    found: dict[tuple[int, int], Path] = {}
    places = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep)]
    roots = [Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))]
    places += [folder / "bin" for root in roots for folder in sorted((root / "versions").glob("3.*"))]
    for minor in range(11, 15):
        for place in (*places, Path("/usr/bin")):
            candidate = place / f"python3.{minor}"
            if not candidate.exists():
                continue
            done = subprocess.run([candidate, "-c", told], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                found[3, minor] = Path(done.stdout.split(maxsplit=2)[2].strip()).resolve()
                break
    return found


def reachable_python(user: User) -> Path:
    """The Python of these tests, or else one of the machine's own that the user can reach."""
    ours = clean_machine.base_python()
    for python in (ours, *(Path("/usr/bin", f"python3.{minor}") for minor in range(14, 10, -1))):
        command = [str(python), "-c", "import ensurepip, venv"]
        try:
            if subprocess.run(command, capture_output=True, check=False, **user.popen).returncode == 0:
                return python.resolve()
        except PermissionError:
            continue
        except FileNotFoundError:
            continue
    raise AssertionError(f"there is no Python here that user id {user.uid} can run (with ensurepip); ours is {ours}")


def version_of(python: Path) -> str:
    return subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def show(line: str) -> None:
    sys.stderr.write(f"  {line}\n")
    sys.stderr.flush()
