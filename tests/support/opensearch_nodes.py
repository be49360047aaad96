"""Two nodes of OpenSearch of a test's own: both have data, one decides. The other can be killed."""

import json
import os
import shutil
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ops.local import server_software
from ops.local.jar_lock import OPENSEARCH_VERSION
from ops.local.opensearch import LOGGING
from ops.local.program import ServerContext
from ops.local.stack_folders import owned_folder
from tests.support.free_port import free_port
from tests.support.java_server import JavaServer
from tests.support.waiting import wait_until

READY_S = 150
POLICY = "org/opensearch/bootstrap/security.policy"
GRANT = '\ngrant {\n  permission java.net.SocketPermission "*", "accept,connect,resolve";\n};\n'
DECIDES, FOLLOWS = "decides", "follows"
ROLES = {DECIDES: "[cluster_manager, data, ingest]", FOLLOWS: "[data, ingest]"}
CONFIG = """\
cluster.name: two
node.name: {name}
node.roles: {roles}
discovery.seed_hosts: ["127.0.0.1:{seed}"]
cluster.initial_cluster_manager_nodes: [decides]
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {data}
path.logs: {logs}
bootstrap.memory_lock: false
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


@dataclass
class Nodes:
    urls: dict[str, str]
    running: dict[str, JavaServer] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """As the setting has it."""
        return ",".join(self.urls.values())

    def health(self) -> dict[str, Any]:
        """As the node says that decides; empty while it does not answer."""
        try:
            told = httpx.get(f"{self.urls[DECIDES]}/_cluster/health", timeout=5)
        except httpx.HTTPError:
            return {}
        return dict(told.json()) if told.status_code == httpx.codes.OK else {}

    def kill_the_one_that_follows(self) -> None:
        self.running.pop(FOLLOWS).signal(signal.SIGKILL)


@contextmanager
def two_nodes(around: ServerContext, folder: Path) -> Iterator[Nodes]:
    """`folder` has to be one that the servers' user can reach."""
    server_software.opensearch(around.settings.folder.software, around.source, lambda _: None)
    transports = {name: free_port() for name in ROLES}
    ports = {name: free_port() for name in ROLES}
    nodes = Nodes({name: f"http://127.0.0.1:{port}" for name, port in ports.items()})
    try:
        for name, roles in ROLES.items():
            home = owned_folder(folder / f"opensearch-{name}", around.user)
            config = owned_folder(home / "config", around.user)
            paths = {part: json.dumps(str(owned_folder(home / part, around.user))) for part in ("data", "logs")}
            (config / "opensearch.yml").write_text(
                CONFIG.format(
                    name=name,
                    roles=roles,
                    seed=transports[DECIDES],
                    port=ports[name],
                    transport=transports[name],
                    **paths,
                )
            )
            (config / "log4j2.properties").write_text(LOGGING)
            for file in config.iterdir():
                os.chown(file, around.user.uid, around.user.gid)
            tmp = owned_folder(home / "tmp", around.user)
            nodes.running[name] = JavaServer(around, home, _command(around, config, tmp))
        wait_until(lambda: nodes.health().get("number_of_nodes") == len(ROLES), READY_S, "two nodes are one cluster")
        yield nodes
    finally:
        for server in nodes.running.values():
            server.signal(signal.SIGKILL)
        for name in ROLES:
            shutil.rmtree(folder / f"opensearch-{name}", ignore_errors=True)


def _open_to_others(lib: Path, folder: Path) -> Path:
    """A class path with a policy by which a node may connect to another: as the local server's jars lie, none may."""
    policy = folder / "policy" / POLICY
    policy.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(lib / f"opensearch-{OPENSEARCH_VERSION}.jar") as jar:
        policy.write_text(jar.read(POLICY).decode() + GRANT)
    for part in (policy, *list(policy.parents)[:4]):
        part.chmod(0o755)
    return folder / "policy"


def _command(around: ServerContext, config: Path, tmp: Path) -> tuple[str, ...]:
    software = around.settings.folder.software
    home = server_software.folder(software, "opensearch")
    return (
        str(server_software.java(software)),
        "-Xms512m",
        "-Xmx512m",
        "-XX:TieredStopAtLevel=1",  # it is up sooner
        "-XX:+UseG1GC",
        "-Djava.awt.headless=true",
        "--enable-native-access=ALL-UNNAMED",
        f"-javaagent:{home}/agent/opensearch-agent-{OPENSEARCH_VERSION}.jar",
        "-Djava.locale.providers=SPI,CLDR",
        f"-Djava.io.tmpdir={tmp}",
        f"-Dopensearch.path.home={home}",
        f"-Dopensearch.path.conf={config}",
        "-Dopensearch.distribution.type=tar",
        "-Dopensearch.bundled_jdk=false",
        "-cp",
        f"{_open_to_others(home / 'lib', config.parent)}:{home}/lib/*",
        "org.opensearch.bootstrap.OpenSearch",
    )
