"""How does Apicurio's registry run here? From its archive, with everything in memory, until the tests are over."""

import hashlib
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
from jgo.maven import MavenContext

from ops.local import software
from tests.integration.capture.ports import free_port
from tests.support.waiting import wait_until

VERSION: Final = "3.3.3"
SHA256: Final = "8bc6751c76d963734224b01d5e7f84ccb3cb61c87d3bd77c36c35f10a5cbed63"
API: Final = "/apis/ccompat/v7"
DEADLINE_S: Final = 90


@contextmanager
def running(software_folder: Path) -> Iterator[str]:
    """The URL under which it is like Confluent's."""
    port = free_port()
    command = (
        str(software.java(software_folder)),
        "-Xmx512m",
        "-Dquarkus.http.host=127.0.0.1",
        f"-Dquarkus.http.port={port}",
        "-Dapicurio.storage.kind=sql",
        "-Dapicurio.storage.sql.kind=h2",
        "-Dapicurio.datasource.url=jdbc:h2:mem:registry_db",
        "-jar",
        str(_laid_out(software_folder) / "quarkus-run.jar"),
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


def _laid_out(software_folder: Path) -> Path:
    """The unpacked archive, fetched from Maven Central the first time."""
    target = software_folder / f"apicurio-{VERSION}"
    if not target.is_dir():
        project = MavenContext().project("io.apicurio", "apicurio-registry-app")
        archive: Path = project.at_version(VERSION).artifact(classifier="all", packaging="tar.gz").resolve()
        with archive.open("rb") as content:
            assert hashlib.file_digest(content, "sha256").hexdigest() == SHA256, f"{archive} is another file"
        beside = software_folder / f".apicurio-{VERSION}.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        with tarfile.open(archive) as content:
            content.extractall(beside, filter="data")
        beside.rename(target)
    return target
