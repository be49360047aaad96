"""Makes the folders and keys that must be there before anything starts."""

import os
import secrets
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from ops.failure import Failure
from ops.home import ServiceUser, StackFolder, reachable_by_others
from ops.local import server_software

FREE_BYTES_FIRST = 2 * 1024**3
FREE_BYTES = 512 * 1024**2
UNWELCOME = frozenset(',:;#%\\"*')


def make(folder: StackFolder, user: ServiceUser) -> None:
    """The stack's folders, its keys and the database password, or a `Failure` that says what is in the way."""
    _check_user(user)
    _check_name(folder.home)
    _check_way(folder.home, user)
    try:
        for open_to_servers in (folder.home, folder.software, folder.home / "stacks", folder.root):
            open_to_servers.mkdir(parents=True, exist_ok=True)
            _check_owner(open_to_servers)
            open_to_servers.chmod(0o755)
        for private in (folder.logs, folder.run, folder.token_key.parent, folder.data("analytics")):
            private.mkdir(mode=0o700, exist_ok=True)
        keys = (folder.token_key, folder.service_key, folder.watermark_key, folder.webhook_key, folder.payment_key)
        for key in (*keys, folder.postgres_password):
            _write_once(key, secrets.token_urlsafe(48))
        owned_folder(folder.data("tmp"), user)
    except PermissionError as error:
        raise Failure(
            f"{error.filename} is not writable for {_me()}.",
            "Give it to that user, run as its owner, or choose another folder with RUSTOK_HOME.",
        ) from error
    except OSError as error:  # no space, a read-only disk, a file where a folder should be
        raise Failure(
            f"The stack's folder {folder.root} could not be made: {error.strerror} ({error.filename}).",
            "Put that right, or choose another folder with RUSTOK_HOME.",
        ) from error
    _check_space(folder)


def make_named(folder: Path, setting: str) -> None:
    """A folder that a setting names, to write into. Raises a `Failure` that names it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise Failure(
            f"Nothing can be written to {folder}: {error.strerror}.", f"Put that right, or name another with {setting}."
        ) from error


def empty_tmp(folder: StackFolder) -> None:
    """Removes what servers unpacked for themselves and left when they were killed. Nothing of the stack may run."""
    for left in folder.data("tmp").iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


def owned_folder(folder: Path, user: ServiceUser) -> Path:
    """A folder only the servers' user can read. One left empty by an interrupted start is used again."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.stat().st_uid
    if owner == user.uid:
        return folder
    if os.geteuid() != 0 or any(folder.iterdir()):
        raise Failure(
            f"{folder} belongs to user id {owner}, but its server runs as {user.name}.",
            "Start the stack as the user who made it, or delete the stack's folder and begin anew.",
        )
    os.chown(folder, user.uid, user.gid)
    return folder


def _check_user(user: ServiceUser) -> None:
    if not user.name:
        raise Failure(
            f"The machine knows no name for {_me()}, and PostgreSQL refuses to run for it.",
            "Run as a user that is in /etc/passwd.",
        )


def _check_name(home: Path) -> None:
    """Spaces and letters of any script are welcome; class paths and configurations have signs of their own."""
    unwelcome = sorted({sign for sign in str(home) if sign in UNWELCOME or not sign.isprintable()})
    if unwelcome:
        raise Failure(
            f"The servers cannot work in {str(home)!r}: {' '.join(map(repr, unwelcome))} in the name of a folder.",
            "Rename the folder, or choose another one with RUSTOK_HOME.",
        )


def _check_way(home: Path, user: ServiceUser) -> None:
    if not user.is_caller and not reachable_by_others(home):
        raise Failure(
            f"The servers' user {user.name} cannot reach {home}: a folder on the way is closed to others.",
            "Let RUSTOK_HOME name a folder that every user can reach, or leave it unset.",
        )


def _check_owner(folder: Path) -> None:
    if folder.stat().st_uid != os.geteuid():
        raise Failure(
            f"{folder} belongs to somebody else than {_me()}.",
            "Start the stack as the user who made it, or choose another folder with RUSTOK_HOME.",
        )


def _check_space(folder: StackFolder) -> None:
    needed = FREE_BYTES if server_software.is_laid_out(folder.software) else FREE_BYTES_FIRST
    free = shutil.disk_usage(folder.root).free
    if free < needed:
        raise Failure(
            f"The disk of {folder.home} has {free // 1024**2} MB left; {needed // 1024**2} MB are needed.",
            "Free some space, or choose a folder on another disk with RUSTOK_HOME.",
        )


def _write_once(file: Path, text: str) -> None:
    """A file that is there is kept, also one that another start made just now; it is there as a whole or not at all."""
    if file.exists():
        return
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-") as whole:  # only its owner may read
        whole.write(text)
        whole.flush()
        with suppress(FileExistsError):
            os.link(whole.name, file)


def _me() -> str:
    return f"user id {os.geteuid()}"
