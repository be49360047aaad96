"""How does Apicurio's registry run here? From its archive, with everything in memory, until the tests are over."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from ops.local import server_software
from ops.local.downloads import Downloads
from ops.local.jar_lock import Jar
from ops.local.maven_jars import JarSource
from ops.settings import Settings
from tests.support.free_port import free_port
from tests.support.waiting import wait_until

VERSION: Final = "3.3.3"
ARCHIVE: Final = Jar(
    server="apicurio",
    group="io.apicurio",
    artifact="apicurio-registry-app",
    version=VERSION,
    classifier="all",
    sha256="8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63",
    packaging="tar.gz",
)
API: Final = "/apis/ccompat/v7"
DEADLINE_S: Final = 90


@contextmanager
def running(settings: Settings) -> Iterator[str]:
    """The URL under which it is like Confluent's."""
    port = free_port()
    command = (
        str(server_software.java(settings.folder.software)),
        "-Xmx512m",
        "-Dquarkus.http.host=127.0.0.1",
        f"-Dquarkus.http.port={port}",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        "-Dapicurio.datasource.url=jdbc:h2:mem:registry_db",
        "-jar",
        str(_laid_out(settings) / "quarkus-run.jar"),
    )
    url = f"http://127.0.0.1:{port}{API}"
    with tempfile.TemporaryDirectory(prefix="rustok-apicurio-") as folder, Path(folder, "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: _answers(url) or process.poll() is not None, DEADLINE_S, "Apicurio answers")
            yield url
        finally:
            process.terminate()
            process.wait(15)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/subjects", timeout=2).is_success
    except httpx.TransportError:
        return False


def _laid_out(settings: Settings) -> Path:
    """The unpacked archive, fetched from Maven Central the first time."""
    target = settings.folder.software / f"apicurio-{VERSION}"
    if not target.is_dir():
        beside = settings.folder.software / f".apicurio-{VERSION}.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        fetched = JarSource(Downloads(settings.downloads)).fetch([ARCHIVE], beside, lambda _: None)[ARCHIVE]
        with tarfile.open(fetched) as content:
            content.extractall(beside, filter="data")
        fetched.unlink()
        beside.rename(target)
    return target
