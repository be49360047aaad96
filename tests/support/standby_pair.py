"""Two PostgreSQL servers of a test's own: a primary, and a standby that streams from it and can take its place."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from ops.home import ServiceUser
from ops.local import server_software
from ops.local.stack_folders import owned_folder
from tests.support.free_port import free_port
from tests.support.stack import Stack
from tests.support.waiting import wait_until

DEADLINE_S = 60
SLOT = "standby"
COMMON = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_connections = 100
shared_buffers = 32MB
fsync = off
"""
#: As docs/capture.md has it.
OF_THE_PRIMARY = f"synchronized_standby_slots = '{SLOT}'\n"
OF_THE_STANDBY = "hot_standby_feedback = on\n"
#: Also of the standby; set when there is a slot, for who looks and finds none looks again after half a minute.
FOLLOWS_SLOTS = "sync_replication_slots = on\n"


@dataclass
class Server:
    programs: Path
    user: ServiceUser
    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"postgresql://rustok@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *arguments: object) -> None:
        subprocess.run(
            [str(self.programs / program), *map(str, arguments)], check=True, capture_output=True, **self._as_user
        )

    def start(self) -> None:
        with (self.folder / "said.log").open("ab") as said:
            command = [str(self.programs / "postgres"), "-D", str(self.folder)]
            self.process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, **self._as_user)
        wait_until(self.answers, DEADLINE_S, f"PostgreSQL answers on port {self.port}")

    def signal(self, number: int) -> None:
        """To the server and all that serve its sessions."""
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(DEADLINE_S)

    def answers(self) -> bool:
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, query: str) -> Any:
        with closing(psycopg.connect(self.url, autocommit=True, connect_timeout=5)) as connection:
            row = connection.execute(query.encode()).fetchone()
        return None if row is None else row[0]

    def configure(self, text: str) -> None:
        with (self.folder / "postgresql.conf").open("a") as config:
            config.write(text)

    @property
    def _as_user(self) -> dict[str, Any]:
        if self.user.is_caller:
            return {"cwd": self.folder.parent}
        return {"cwd": self.folder.parent, "user": self.user.uid, "group": self.user.gid, "extra_groups": []}


@dataclass
class Pair:
    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        """Names both, and means the one that takes writes."""
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://rustok@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=5"

    def follow_slots(self, slot: str) -> None:
        """From here on the standby could go on with this one."""
        self.standby.configure(FOLLOWS_SLOTS)
        self.standby.ask("SELECT pg_reload_conf()")
        query = f"SELECT count(*) FROM pg_replication_slots WHERE slot_name = '{slot}' AND synced AND NOT temporary"
        wait_until(lambda: self.standby.ask(query), DEADLINE_S, "the standby has the slot")

    def promise_what_both_have(self) -> None:
        """From here on nothing is committed that the standby does not have."""
        self.primary.configure("synchronous_standby_names = '*'\n")
        self.primary.ask("SELECT pg_reload_conf()")
        in_step = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        wait_until(lambda: self.primary.ask(in_step), DEADLINE_S, "the standby is in step")

    def fail_over(self) -> None:
        """The primary dies, and the standby takes its place."""
        self.primary.kill()
        self.standby.ask("SELECT pg_promote(true, 60)")


@contextmanager
def standby_pair(servers: Stack) -> Iterator[Pair]:
    """The standby streams from the primary when this is entered."""
    settings = servers.settings
    user, programs = ServiceUser.choose(settings.service_user), server_software.postgres(settings.folder.software)
    root = settings.folder.root / f"pair-{uuid4().hex[:8]}"
    owned_folder(root, user)
    primary, standby = (Server(programs, user, root / name, free_port()) for name in ("primary", "standby"))
    try:
        primary.run(
            "initdb", "-D", primary.folder, "-A", "trust", "-U", "rustok", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        primary.configure(f"{COMMON}port = {primary.port}\n")
        primary.start()
        primary.ask(f"SELECT pg_create_physical_replication_slot('{SLOT}')")
        standby.run("pg_basebackup", "-D", standby.folder, "-d", primary.url, "-S", SLOT, "-X", "stream", "-R", "-N")
        standby.configure(f"{OF_THE_STANDBY}port = {standby.port}\n")
        standby.start()
        primary.configure(OF_THE_PRIMARY)
        primary.ask("SELECT pg_reload_conf()")
        yield Pair(primary, standby)
    finally:
        for server in (primary, standby):
            if server.process is not None and server.process.poll() is None:
                server.kill()
        shutil.rmtree(root, ignore_errors=True)
