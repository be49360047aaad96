"""Keeps everything that is not source code under one folder, the home.

Under one folder, the home: `software/` (what is made of packages, shared by all stacks) and `stacks/<name>/`,
one folder for each stack with its data, logs and keys. Deleting a stack's folder deletes the stack.
"""

import hashlib
import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ops.failure import Failure

SERVICE_USER = "nobody"


def project_root() -> Path:
    """The folder above `ops/` when this is a checkout, else the current folder."""
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


def default_home(root: Path, *, is_root: bool) -> Path:
    """`<project>/.rustok`, or a folder in /var/tmp when the servers' own user could not reach the project."""
    if is_root and not reachable_by_others(root):
        name = hashlib.sha256(str(root).encode()).hexdigest()[:8]
        return Path("/var/tmp") / f"rustok-{name}"  # noqa: S108  # made 0711, checked to be ours before use
    return root / ".rustok"


def reachable_by_others(folder: Path) -> bool:
    """Whether any user may walk into the folder: every folder on the way lets others pass."""
    there = folder.resolve()
    existing = [step for step in (there, *there.parents) if step.exists()]
    return all(step.stat().st_mode & stat.S_IXOTH for step in existing)


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """Who PostgreSQL and OpenSearch run as. Both refuse to run as root."""

    name: str
    uid: int
    gid: int

    @classmethod
    def choose(cls, wanted: str = "") -> "ServiceUser":
        """The caller, unless that is root: then `wanted`, or nobody."""
        if os.geteuid() != 0:
            return cls(_name_of(os.geteuid()), os.geteuid(), os.getegid())
        try:
            entry = pwd.getpwnam(wanted or SERVICE_USER)
        except KeyError as error:
            what = f"There is no user {wanted or SERVICE_USER} on this machine, and the servers refuse to be root."
            raise Failure(what, "Name one that there is in RUSTOK_SERVICE_USER.") from error
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def is_caller(self) -> bool:
        return self.uid == os.geteuid()


def _name_of(uid: int) -> str:
    """Empty for an id that the machine does not know, as in some containers."""
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return ""


@dataclass(frozen=True, slots=True)
class StackFolder:
    """The folders and files of one stack."""

    home: Path
    stack: str

    @property
    def root(self) -> Path:
        return self.home / "stacks" / self.stack

    @property
    def software(self) -> Path:
        return self.home / "software"

    @property
    def env_file(self) -> Path:
        return self.root / "stack.env"

    @property
    def token_key(self) -> Path:
        return self.root / "keys" / "token_key"

    @property
    def service_key(self) -> Path:
        return self.root / "keys" / "service_key"

    @property
    def watermark_key(self) -> Path:
        return self.root / "keys" / "watermark_key"

    @property
    def webhook_key(self) -> Path:
        return self.root / "keys" / "webhook_key"

    @property
    def payment_key(self) -> Path:
        return self.root / "keys" / "payment_key"

    @property
    def postgres_password(self) -> Path:
        return self.root / "keys" / "postgres_password"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        return self.root / "run"

    def data(self, server: str) -> Path:
        return self.root / server
