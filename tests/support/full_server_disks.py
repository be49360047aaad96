"""PostgreSQL and Kafka on disks of a few megabytes, with the API and capture on them: a stack of its own.

The disks are mounted where only this stack sees them (a mount namespace, which ends with its processes). On a machine
that lets nobody mount, the nearest thing happens: PostgreSQL says that it is full (a trigger with its own error), and
Kafka ends until there is room, as it does on a full disk.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from ops import process_health
from ops.local.supervisor import Supervisor
from ops.settings import Settings
from tests.support.instances import process_named
from tests.support.stack import Stack
from tests.support.waiting import wait_until

SIZES = {"postgres": "256m", "kafka": "160m"}
RUN_HERE = ("api", "capture")
#: Mounts each FOLDER=SIZE, and runs what follows `--` there.
SCRIPT = """
while [ "$1" != -- ]; do mount -t tmpfs -o "size=${1#*=},mode=700" tmpfs "${1%=*}" || exit 1; shift; done
shift; exec "$@"
"""
NAMESPACE = ("unshare", "--mount", "sh", "-c", SCRIPT, "sh")
MEGABYTE, PAGE = 1024 * 1024, 4096


@dataclass(frozen=True)
class SmallDisks:
    stack: Stack
    mounted: bool

    def full(self, server: str) -> AbstractContextManager[None]:
        """No room is left on the server's disk until the end of the block."""
        if self.mounted:
            return self._filled(server)
        return self._says_it_is_full() if server == "postgres" else self.stack.without(server)

    @contextmanager
    def _filled(self, server: str) -> Iterator[None]:
        filler = self._folder(server) / "somebody-elses"
        with filler.open("wb", buffering=0) as full:
            for size in (MEGABYTE, PAGE, 1):
                with suppress(OSError):
                    while full.write(b"x" * size) == size:
                        pass
        try:
            yield
        finally:
            filler.unlink()

    def _folder(self, server: str) -> Path:
        """As the supervisor sees it: servers come and go."""
        pid = int((self.stack.settings.folder.run / "supervisord.pid").read_text())
        return Path(f"/proc/{pid}/root{self.stack.settings.folder.data(server)}")

    @contextmanager
    def _says_it_is_full(self) -> Iterator[None]:
        with psycopg.connect(self.stack.settings.postgres_url, autocommit=True) as admin:
            admin.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
            )
            admin.execute("CREATE TRIGGER no_room BEFORE INSERT ON outbox EXECUTE FUNCTION no_room()")
            try:
                yield
            finally:
                admin.execute("DROP FUNCTION no_room CASCADE")


@contextmanager
def small_disks(servers: Stack) -> Iterator[SmallDisks]:
    """`servers` lends its OpenSearch, which nobody asks here."""
    settings = Settings(stack=f"{servers.settings.stack}-disks")
    stack = Stack(settings, {"RUSTOK_OPENSEARCH_URL": servers.settings.opensearch_url, "RUSTOK_API_WORKERS": "1"})
    stack.rustok("down", "--delete-data")
    try:
        mounted = _up_where_disks_are_small(stack)
        if not mounted:
            stack.rustok("up", "--servers-only", "--free-ports")
        stack = Stack(Settings(stack=settings.stack), stack.also)
        stack.rustok("api", "migrate")
        stack.rustok("streams", "topics")
        Supervisor(settings.folder).start_programs(RUN_HERE)
        for name in RUN_HERE:
            wait_until(partial(process_health.works, process_named(name), stack.settings), 90, f"{name} works")
        yield SmallDisks(stack, mounted)
    finally:
        stack.rustok("down", "--delete-data", check=False)


def _up_where_disks_are_small(stack: Stack) -> bool:
    """False: nobody may mount here."""
    if os.geteuid() != 0:
        return False  # in a user namespace the servers could not run as another user
    disks = []
    for server, size in SIZES.items():
        folder = stack.settings.folder.data(server)
        folder.mkdir(parents=True, exist_ok=True)
        disks.append(f"{folder}={size}")
    up = (sys.executable, "-m", "ops.cli", "up", "--servers-only", "--free-ports")
    try:
        done = subprocess.run(
            [*NAMESPACE, *disks, "--", *up], env=stack.environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return False
    if done.stderr.startswith(("mount:", "unshare:")):
        return False
    assert done.returncode == 0, done.stdout + done.stderr
    return True
