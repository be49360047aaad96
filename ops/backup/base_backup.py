"""Takes a base backup of a PostgreSQL that runs, with `pg_basebackup`, and has `pg_verifybackup` read it again."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ops.clients import postgres
from ops.failure import Failure
from ops.local import server_software

Tell = Callable[[str], None]
_PERCENT: Final = re.compile(r"\((\d+)%\)")
_CONNECT_S: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The server that is backed up, as it is when it is asked. `archive_fails`: what of its log was not archived."""

    version: str
    system_identifier: str
    bytes: int
    epoch: int
    revision: str
    now: datetime
    archive_fails: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    timeline: int
    start_lsn: str
    end_lsn: str


def look(url: str) -> Source:
    """Raises `Failure` when it does not answer, or is none of ours."""
    try:
        with postgres.connect(url, autocommit=True, name="rustok-backup", connect_s=_CONNECT_S) as connection:
            return _seen(connection)
    except psycopg.OperationalError as down:
        raise Failure(
            f"PostgreSQL does not let us in: {_last_line(str(down))}.", "`rustok status` shows what is down."
        ) from down
    except psycopg.Error as strange:
        raise Failure(
            f"PostgreSQL does not say what it holds: {_last_line(str(strange))}.",
            "The role of RUSTOK_POSTGRES_URL has to be a member of pg_monitor and pg_read_all_data, or own everything.",
        ) from strange


def _seen(connection: psycopg.Connection[Any]) -> Source:
    row = connection.execute(
        """
        SELECT current_setting('server_version'), (SELECT system_identifier::text FROM pg_control_system()),
               (SELECT sum(pg_database_size(oid))::bigint FROM pg_database),
               (SELECT epoch FROM log_epoch), (SELECT version_num FROM alembic_version), clock_timestamp(),
               (SELECT last_failed_wal FROM pg_stat_archiver
                WHERE current_setting('archive_mode') <> 'off'
                  AND last_failed_time > coalesce(last_archived_time, '-infinity'))
        """
    ).fetchone()
    if row is None:
        raise RuntimeError("a SELECT without FROM has a row")
    version, system, size, epoch, revision, now, fails = row
    return Source(
        version=version,
        system_identifier=system,
        bytes=size,
        epoch=epoch or 0,
        revision=revision,
        now=now,
        archive_fails=fails,
    )


def programs(software: Path, server_version: str) -> Path:
    """The folder of PostgreSQL's programs. Raises `Failure` when they are of another major version than the server."""
    found = server_software.postgres(software)
    told = subprocess.run([found / "pg_basebackup", "--version"], capture_output=True, text=True, check=True).stdout
    ours = told.split()[-1]
    if ours.partition(".")[0] != server_version.partition(".")[0]:
        raise Failure(
            f"PostgreSQL is {server_version}, and the programs here are of {ours}, which cannot check it.",
            "Take a base backup with the server's own `pg_basebackup`: docs/backups.md says how.",
        )
    missing = [name for name in ("pg_verifybackup", "pg_waldump") if not (found / name).is_file()]
    if missing:
        raise Failure(f"{found} has no {missing[0]}, so that no backup can be checked.", "Install it there.")
    return found


def take(programs: Path, url: str, folder: Path, tell: Tell) -> Taken:
    """Into a folder that is not there yet. Raises `Failure`."""
    named: dict[str, Any] = dict(conninfo_to_dict(url))
    password = str(named.pop("password", None) or "")  # not among the arguments, which everybody can read
    command: list[str | Path] = [
        programs / "pg_basebackup",
        f"--pgdata={folder}",
        f"--dbname={make_conninfo(**named)}",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--manifest-checksums=SHA256",
        "--no-password",
        "--progress",
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        env={**os.environ, "PGPASSWORD": password, "LC_ALL": "C.UTF-8"},
    ) as running:
        try:
            said = _follow(running, tell)
        except BaseException:
            running.terminate()
            raise
    if running.returncode != 0:
        raise Failure(f"PostgreSQL gave no base backup: {_last_line(said)}.", _remedy(said))
    return _ranges(folder)


def verify(programs: Path, folder: Path) -> None:
    """Raises `Failure` when a file is not as it was sent, or the log that it needs is not whole."""
    done = subprocess.run(
        [programs / "pg_verifybackup", "--exit-on-error", folder], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Failure(
            f"The base backup {folder} is damaged: {_last_line(done.stderr + done.stdout)}.",
            "Use, or take, another one.",
        )


def _follow(running: "subprocess.Popen[str]", tell: Tell) -> str:
    """What it said, but for its progress, which is told."""
    said = list[str]()
    for line in running.stderr or ():
        percent = _PERCENT.findall(line)
        if percent:
            tell(f"{percent[-1]} %")
        else:
            said.append(line)
    running.wait()
    return "".join(said)


def _ranges(folder: Path) -> Taken:
    told = json.loads((folder / "backup_manifest").read_text())["WAL-Ranges"]
    return Taken(timeline=told[-1]["Timeline"], start_lsn=told[0]["Start-LSN"], end_lsn=told[-1]["End-LSN"])


def _remedy(said: str) -> str:
    if "WAL sender" in said or "replication" in said:
        return "Its role needs REPLICATION, and pg_hba.conf a line that lets it in for `replication`."
    if "No space left" in said:
        return "Free some space, or name a folder on another disk."
    return "Put that right, and run this again: nothing was left behind."


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or "FATAL" in line]
    return (errors or lines or ["it says nothing"])[-1].rstrip(".")
