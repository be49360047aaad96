"""Puts a base backup where the local PostgreSQL has its data, and brings it to a moment with the log.

It always begins a new history (timeline), so that nothing that was archived is ever written over.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from ops.backup.base_backup import Tell
from ops.clients import postgres
from ops.failure import Failure
from ops.home import ServiceUser
from ops.local import archived_log, leftovers, ports, run_tool
from ops.local.postgres import Postgres
from ops.local.program import ServerContext
from ops.local.start_stack import last_lines
from ops.settings import Settings

_SIGNAL: Final = "recovery.signal"
_LOOKS_EVERY_S: Final = 0.2
_BUSY: Final = "restored log file"


@dataclass(frozen=True, slots=True)
class Recovered:
    """`newest`: when the last thing was committed that is in it; None: nothing was after the base backup."""

    timeline: int
    newest: datetime | None


def unpack(base: Path, data: Path, user: ServiceUser) -> None:
    """As a whole or not at all; a part that a killed restore left goes first."""
    arriving = data.with_name(f"{data.name}.arriving")
    if arriving.exists():
        shutil.rmtree(arriving)
    shutil.copytree(base, arriving)
    (arriving / _SIGNAL).touch()
    if not user.is_caller:
        for path in (*arriving.rglob("*"), arriving):
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
    arriving.chmod(0o700)
    if data.exists():
        data.rmdir()  # empty, or it would not have come to this
    arriving.rename(data)


def check_archive(archive: Path, end_lsn: str, user: ServiceUser) -> None:
    """Raises `Failure` when it cannot be read, or lacks a segment that later ones need."""
    run_tool.run(
        ("ls", archive),
        user=user,
        folder=Path("/"),
        what=f"PostgreSQL's user {user.name} cannot read {archive}",
        remedy=f"Let every folder on the way be passed by others, and give it to that user: `chown -R {user.name} …`.",
    )
    lacking = archived_log.missing((path.name for path in archive.iterdir()), end_lsn)
    if lacking is not None:
        raise Failure(
            f"{archive} has no segment {lacking}, though later ones are there.",
            "Put it back from wherever a copy is, or name a moment before it with --at and leave out what is later.",
        )


def recover(settings: Settings, at: datetime | None, archive: Path | None, tell: Tell) -> Recovered | None:
    """Brings it there and stops it again; None when that was done before. Raises `Failure`."""
    user = ServiceUser.choose(settings.service_user)
    server, data = Postgres(ServerContext(settings, user)), settings.folder.data("postgres")
    if not (data / _SIGNAL).exists():
        return None
    leftovers.end(settings.folder.root)  # of a restore that was killed
    server.prepare(tell)
    fetch = server.write("fetch_segment.sh", archived_log.fetch_script(archive))
    log = settings.folder.logs / "restore-postgres.log"
    (port,) = ports.unused(1)
    command = [*server.program().command, *_options(fetch, at, port)]
    with log.open("w") as said:
        running = subprocess.Popen(
            command,
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=data,
            env={**os.environ, "LC_ALL": "C.UTF-8", leftovers.MARK: str(settings.folder.root)},
            user=None if user.is_caller else user.uid,
            group=None if user.is_caller else user.gid,
            extra_groups=None if user.is_caller else [user.gid],
        )
        try:
            return _awaited(running, make_conninfo(settings.postgres_url, port=port), log, at, tell)
        finally:
            if running.poll() is None:
                running.send_signal(signal.SIGINT)
                running.wait()


def _options(fetch: Path, at: datetime | None, port: int) -> Sequence[str]:
    told = {
        "port": port,
        "hot_standby": "off",  # it lets somebody in when it is where it should be, and not before
        "restore_command": f'/bin/sh "{fetch}" "%f" "%p"',
        "recovery_target_timeline": "latest",
        "recovery_target_action": "promote",
    }
    if at is not None:
        told["recovery_target_time"] = at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
    return [word for name, value in told.items() for word in ("-c", f"{name}={value}")]


def _awaited(running: "subprocess.Popen[bytes]", url: str, log: Path, at: datetime | None, tell: Tell) -> Recovered:
    tell("recovering")
    while running.poll() is None:
        try:
            with postgres.connect(url, autocommit=True, connect_s=2) as connection:
                row = connection.execute(
                    "SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp(),"
                    " ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int"
                ).fetchone()
            if row is not None and not row[0]:
                tell(f"as of {row[1]:%Y-%m-%d %H:%M:%S} UTC" if row[1] else "as the base backup was")
                return Recovered(timeline=row[2], newest=row[1] and row[1].astimezone(UTC))
        except psycopg.OperationalError:
            fetched = [line for line in log.read_text(errors="replace").splitlines() if _BUSY in line]
            if fetched:
                tell(f"read {len(fetched)} segments of the log")
        time.sleep(_LOOKS_EVERY_S)
    raise _ended(log, at)


def _ended(log: Path, at: datetime | None) -> Failure:
    said = log.read_text(errors="replace")
    if at is not None and "before configured recovery target was reached" in said:
        ends = [
            line.rpartition("log time ")[2] for line in said.splitlines() if "last completed transaction was at" in line
        ]
        return Failure(
            f"The log that was archived ends before {at.isoformat()}{f': at {ends[-1]}' if ends else ''}.",
            "`rustok down --delete-data`, and restore with an earlier moment, or without --at to the newest there is.",
        )
    return Failure(
        f"PostgreSQL did not recover. The end of its log:\n{last_lines(log)}",
        f"The whole log is {log}. Put that right, and run this again: it goes on.",
    )
