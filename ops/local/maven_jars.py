"""Fetches jars, each once for this machine, and once more where the network or what it brought was at fault.

jgo knows the repository. It writes a file in the place where it stays and takes every file there for a whole one, so
each attempt has a cache of its own, and a file counts only when its SHA-256 is the lock's.
"""

import random
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from jgo.maven import MavenContext

from ops.failure import Failure
from ops.local.downloads import DamagedError, Downloads
from ops.local.jar_lock import Jar, Progress

AT_ONCE = 8
TIMEOUT_S = 30
# What a network needs to come to itself again; each is stretched at random, so that eight do not ask at once.
PAUSES_S = (1.0, 4.0, 15.0)
LONGEST_REASON = 240
LOOK_EVERY_S = 0.3

# jgo asks for a desktop's folders, and is told off where there is no desktop.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

Repository = Callable[[Path], MavenContext]


def maven_central(cache: Path) -> MavenContext:
    """The repository jgo knows by itself, with this folder for what it fetches."""
    return MavenContext(repo_cache=cache, timeout=TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class JarSource:
    """Where jars come from: what is kept on this machine, then the repository."""

    downloads: Downloads
    repository: Repository = maven_central
    pauses_s: tuple[float, ...] = PAUSES_S

    def fetch(self, jars: Sequence[Jar], into: Path, tell: Progress) -> dict[Jar, Path]:
        """A file in the folder for each jar, the one the lock names. Raises `Failure` when one cannot be had.

        What `tell` raises ends the waiting within a moment, however long the network keeps silent.
        """
        wanted: dict[Jar, Future[Path]] = {jar: Future() for jar in jars}
        waiting: SimpleQueue[Jar] = SimpleQueue()
        for jar in wanted:
            waiting.put(jar)

        def work() -> None:
            with suppress(Empty):
                while True:
                    jar = waiting.get_nowait()
                    try:
                        wanted[jar].set_result(self._fetch(jar, into, tell))
                    except BaseException as error:  # noqa: BLE001  # handed over to who waits for it
                        wanted[jar].set_exception(error)

        for _ in range(AT_ONCE):
            Thread(target=work, daemon=True).start()  # nobody waits for a request that hangs
        try:
            there = 0
            while there < len(wanted):
                wait(wanted.values(), LOOK_EVERY_S, FIRST_EXCEPTION)
                _raise_first(wanted.values())
                there = sum(future.done() for future in wanted.values())
                tell(f"jars {there}/{len(wanted)}")
        finally:
            with suppress(Empty):
                while True:
                    waiting.get_nowait()
        return {jar: future.result() for jar, future in wanted.items()}

    def _fetch(self, jar: Jar, into: Path, tell: Progress) -> Path:
        for pause in self.pauses_s:
            try:
                return self._try(jar, into)
            except Failure:
                wait_s = pause * random.uniform(0.5, 1.5)  # noqa: S311  # spreads retries, keeps no secret
                tell(f"{jar.file_name} again in {wait_s:.0f} s")
                time.sleep(wait_s)
        return self._try(jar, into)

    def _try(self, jar: Jar, into: Path) -> Path:
        target = into / jar.file_name
        try:
            self.downloads.put(jar.sha256, target, lambda empty: self._download(jar, empty))
        except DamagedError as damaged:
            raise Failure(
                f"{jar.file_name} is not the file that jars.lock names, however often it is fetched.",
                "Run the command again; should it stay so, do not trust what answers in the place of Maven Central.",
            ) from damaged
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # this machine's own: a full disk, a folder that cannot be written
            raise Failure(
                f"{jar.file_name} could not be fetched from Maven Central: {str(error)[:LONGEST_REASON]}",
                "Check the network, the proxy (HTTPS_PROXY) and the certificates (REQUESTS_CA_BUNDLE), and run the "
                "command again; what was fetched is kept.",
            ) from error
        return target

    def _download(self, jar: Jar, empty: Path) -> Path:
        component = self.repository(empty).project(jar.group, jar.artifact).at_version(jar.version)
        file: Path = component.artifact(classifier=jar.classifier, packaging=jar.packaging).resolve()
        return file


def _raise_first(futures: Iterable[Future[Path]]) -> None:
    for future in futures:
        if future.done() and (error := future.exception()):
            raise error
