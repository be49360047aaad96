"""Runs PostgreSQL, set up for logical replication, on 127.0.0.1 only.

Its one superuser, `rustok`, needs a password. Durability is on: what the tests prove, they prove with fsync.
"""

import os
import socket
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from ops.clients.client_credentials import unchecked_tls
from ops.local import archived_log, run_tool, server_software
from ops.local.jar_lock import Progress
from ops.local.program import Program, ServerContext
from ops.local.stack_folders import owned_folder

CONFIG = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
max_connections = 120
shared_buffers = 256MB
password_encryption = 'scram-sha-256'
wal_level = logical
max_replication_slots = 16
max_wal_senders = 16
max_wal_size = 1GB
max_slot_wal_keep_size = 4GB
autovacuum_naptime = 5s
fsync = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""
INITDB = ("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync")
DATABASE = "rustok"
STARTING_UP = b"57P03"
WITH_TLS = ("require", "verify-ca", "verify-full")
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class Postgres:
    name = "postgres"

    def __init__(self, around: ServerContext) -> None:
        self._around = around
        self._data = around.data(self.name)
        self._named = conninfo_to_dict(around.settings.postgres_url)
        self.ports: Mapping[str, int] = {"postgres_port": around.settings.postgres_port}

    @property
    def is_ours(self) -> bool:
        return self._around.settings.starts_postgres

    @property
    def address(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self._hosts())

    def prepare(self, tell: Progress) -> None:
        tell("software")
        binaries = server_software.postgres(self._around.settings.folder.software)
        if not (self._data / "PG_VERSION").is_file():
            tell("new database")
            self._initialise(binaries)
        settings = self._around.settings
        config = CONFIG.format(port=settings.postgres_port)
        if settings.postgres_archive_dir is not None:
            script = self._data / "archive_segment.sh"
            owned_folder(settings.postgres_archive_dir, self._around.user)
            self.write("archive_segment.sh", archived_log.archive_script(settings.postgres_archive_dir))
            config += archived_log.config(script, settings.postgres_archive_s)
        self.write("rustok.conf", config)

    def write(self, name: str, text: str) -> Path:
        """A file of the server's own in its data folder."""
        file = self._data / name
        file.write_text(text)
        os.chown(file, self._around.user.uid, self._around.user.gid)
        return file

    def program(self) -> Program:
        binary = server_software.postgres_programs(self._around.settings.folder.software) / "postgres"
        return Program(
            name=self.name,
            kind="server",
            command=(str(binary), "-D", str(self._data)),
            directory=self._data,
            stop_signal="INT",  # fast: ends sessions, loses nothing
            stop_wait_s=60,
            user=self._around.user,
        )

    def is_ready(self) -> bool:
        """Whether it (or one of its hosts) would let somebody log in: it asks for a password, and is neither starting
        nor stopping."""
        return any(self._lets_in(host, port) for host, port in self._hosts())

    def _hosts(self) -> list[tuple[str, int]]:
        """As libpq reads them: several by commas, with a port for each or one for all."""
        hosts = str(self._named.get("hostaddr") or self._named.get("host") or "localhost").split(",")
        ports = str(self._named.get("port") or 5432).split(",")
        every = ports * len(hosts) if len(ports) == 1 else ports
        return [(host, int(port or 5432)) for host, port in zip(hosts, every, strict=False)]

    def _lets_in(self, host: str, port: int) -> bool:
        user, database = self._named.get("user") or DATABASE, self._named.get("dbname") or DATABASE
        body = struct.pack("!I", 3 << 16) + f"user\0{user}\0database\0{database}\0\0".encode()
        try:
            with _connected(host, port, uses_tls=self._named.get("sslmode") in WITH_TLS) as talk:
                talk.sendall(struct.pack("!I", len(body) + 4) + body)
                answer = talk.recv(256)
        except OSError:
            return False
        return bool(answer) and STARTING_UP not in answer

    def _initialise(self, binaries: Path) -> None:
        user = self._around.user
        owned_folder(self._data, user)
        password = self._around.settings.folder.postgres_password.read_text()
        # A folder of its own, for the server's user can read neither ours nor the keys.
        with tempfile.TemporaryDirectory() as passing:
            os.chown(passing, user.uid, user.gid)
            file = Path(passing, "password")
            file.touch(mode=0o600)
            file.write_text(password)
            os.chown(file, user.uid, user.gid)
            self._run(binaries / "initdb", "-D", self._data, "--username=rustok", "--pwfile", file, *INITDB)
        create = f"CREATE DATABASE {DATABASE};\n"
        self._run(binaries / "postgres", "--single", "-D", self._data, "postgres", said_to_it=create)
        with (self._data / "postgresql.conf").open("a") as config:
            config.write("\ninclude = 'rustok.conf'\n")

    def _run(self, *command: str | Path, said_to_it: str = "") -> None:
        run_tool.run(
            command,
            user=self._around.user,
            folder=self._data,
            what="PostgreSQL's data folder could not be made",
            remedy=f"Put that right, delete {self._data} and run the command again.",
            said_to_it=said_to_it,
        )


def _connected(host: str, port: int, *, uses_tls: bool) -> socket.socket:
    """A host that is a folder has a socket in it."""
    if not host.startswith("/"):
        talk = socket.create_connection((host, port), timeout=1)
        return _inside_tls(talk) if uses_tls else talk
    talk = socket.socket(socket.AF_UNIX)
    talk.settimeout(1)
    talk.connect(f"{host}/.s.PGSQL.{port}")
    return talk


def _inside_tls(talk: socket.socket) -> socket.socket:
    """Whose certificate it is, is for those to check that send a password: this asks only who is there."""
    talk.sendall(SSL_REQUEST)
    if talk.recv(1) != b"S":
        talk.close()
        raise ConnectionError("it has no TLS")
    return unchecked_tls().wrap_socket(talk)
