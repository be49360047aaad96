"""Runs OpenSearch as one node without security on 127.0.0.1.

The disk thresholds are off: a developer's disk is always too full for them, and they would make every index read-only.
"""

import json
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from ops.clients.client_credentials import opensearch_http_options
from ops.local import server_software
from ops.local.jar_lock import OPENSEARCH_VERSION, Progress
from ops.local.program import Program, ServerContext
from ops.local.stack_folders import owned_folder

HEAP = ("-Xms512m", "-Xmx512m")

CONFIG = """\
cluster.name: rustok-{stack}
node.name: rustok
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: 0
path.data: {data}
path.logs: {logs}
path.repo: {snapshots}
bootstrap.memory_lock: false
action.auto_create_index: false
cluster.routing.allocation.disk.threshold_enabled: false
"""
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %p %c{1.} %marker%m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.node.name = org.opensearch.node.Node
logger.node.level = info
"""


class OpenSearch:
    name = "opensearch"

    def __init__(self, around: ServerContext) -> None:
        self._around = around
        self._data = around.data(self.name)
        self.ports: Mapping[str, int] = {"opensearch_port": around.settings.opensearch_port}

    @property
    def is_ours(self) -> bool:
        return self._around.settings.starts_opensearch

    @property
    def address(self) -> str:
        urls = map(urlsplit, self._around.settings.opensearch.urls)
        return ",".join(f"{url.hostname}:{url.port or (443 if url.scheme == 'https' else 9200)}" for url in urls)

    def prepare(self, tell: Progress) -> None:
        tell("software")
        server_software.opensearch(self._around.settings.folder.software, self._around.source, tell)
        server_software.java(self._around.settings.folder.software)
        for folder in (self._data, *(self._data / part for part in ("config", "logs", "snapshots"))):
            owned_folder(folder, self._around.user)
        port = self._around.settings.opensearch_port
        # JSON is YAML, whatever is in the name of a folder.
        paths = {part: json.dumps(str(self._data / part)) for part in ("data", "logs", "snapshots")}
        text = CONFIG.format(stack=self._around.settings.stack, port=port, **paths)
        self._write("opensearch.yml", text)
        self._write("log4j2.properties", LOGGING)

    def program(self) -> Program:
        home = server_software.folder(self._around.settings.folder.software, self.name)
        command = (
            str(server_software.java(self._around.settings.folder.software)),
            *HEAP,
            "-XX:+UseG1GC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            f"-javaagent:{home}/agent/opensearch-agent-{OPENSEARCH_VERSION}.jar",
            "-Djava.locale.providers=SPI,CLDR",  # without it no index can be created: its Thai analyser fails
            f"-Djava.io.tmpdir={self._around.data('tmp')}",
            f"-Dopensearch.path.home={home}",
            f"-Dopensearch.path.conf={self._data / 'config'}",
            "-Dopensearch.distribution.type=tar",
            "-Dopensearch.bundled_jdk=false",
            "-cp",
            f"{home}/lib/*",
            "org.opensearch.bootstrap.OpenSearch",
        )
        return Program(
            name=self.name, kind="server", command=command, directory=self._data, stop_wait_s=60, user=self._around.user
        )

    def is_ready(self) -> bool:
        """Whether every primary shard can be searched, as one of the hosts says."""
        return any(map(self._is_well, self._around.settings.opensearch.urls))

    def _is_well(self, url: str) -> bool:
        try:
            answer = httpx.get(
                f"{url}/_cluster/health",
                params={"wait_for_status": "yellow", "timeout": "1s"},
                timeout=3,
                **opensearch_http_options(self._around.settings.opensearch),
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return answer.status_code == httpx.codes.OK

    def _write(self, name: str, text: str) -> None:
        file = self._data / "config" / name
        file.write_text(text)
        os.chown(file, self._around.user.uid, self._around.user.gid)
