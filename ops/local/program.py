"""Describes what has to be known about a program to keep it running."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from ops.home import ServiceUser
from ops.local.downloads import Downloads
from ops.local.jar_lock import Progress
from ops.local.maven_jars import JarSource
from ops.settings import Settings

Kind = Literal["server", "process"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    name: str
    kind: Kind
    command: tuple[str, ...]
    directory: Path
    stop_signal: Literal["INT", "TERM"] = "TERM"
    stop_wait_s: int = 30
    stop_children_too: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    user: ServiceUser | None = None


class Server(Protocol):
    """One of the servers that can run here: PostgreSQL, Kafka or OpenSearch."""

    name: str
    ports: Mapping[str, int]

    @property
    def is_ours(self) -> bool:
        """Whether it is started here; otherwise somebody else's is used."""
        ...

    @property
    def address(self) -> str:
        """Where it is found, without user and password."""
        ...

    def prepare(self, tell: Progress) -> None:
        """Software, configuration and an initialised data folder; does nothing the second time."""
        ...

    def program(self) -> Program: ...

    def is_ready(self) -> bool:
        """Whether it answers to its own protocol, on the address in the settings."""
        ...


@dataclass(frozen=True, slots=True)
class ServerContext:
    """What every server is made from."""

    settings: Settings
    user: ServiceUser

    @property
    def source(self) -> JarSource:
        return JarSource(Downloads(self.settings.downloads))

    def data(self, server: str) -> Path:
        return self.settings.folder.data(server)
