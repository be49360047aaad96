"""Jars: each fetched once, whoever wants it; what was cut off or damaged is noticed and fetched again."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.local.downloads import Downloads
from ops.local.jar_lock import Jar
from ops.local.maven_jars import JarSource
from tests.support.maven_repository import Fault, Shelf, content_of, jar, open_shelf
from tests.support.waiting import wait_until

AT_ONCE = (0.0, 0.0, 0.0)
NOBODY, DAEMON = 65534, 1
FETCH = """
import sys
from pathlib import Path
from ops.local.downloads import Downloads
from ops.local.maven_jars import JarSource
from tests.support.maven_repository import jar, repository_at
folder, into, url = sys.argv[1:]
print("asking", flush=True)
JarSource(Downloads(Path(folder)), repository_at(url)).fetch([jar("one"), jar("two")], Path(into), lambda _: None)
"""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with open_shelf() as shelf:
        yield shelf


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user of this machine can reach; pytest keeps its own closed to others."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o1777)
        yield Path(folder)


def source(shelf: Shelf, folder: Path, pauses_s: tuple[float, ...] = AT_ONCE) -> JarSource:
    return JarSource(Downloads(folder), shelf.repository, pauses_s)


def new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def quiet(_: str) -> None:
    pass


def test_a_jar_that_two_servers_want_is_fetched_once(shelf: Shelf, tmp_path: Path) -> None:
    wanted = source(shelf, tmp_path / "kept")
    shelf.opened.clear()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(wanted.fetch, [jar("one")], new(tmp_path / name), quiet) for name in ("kafka", "search")]
        wait_until(lambda: shelf.asked["one-1.0.jar"] == 1, 10, "the first one asks")
        shelf.opened.set()
        files = [each.result()[jar("one")] for each in both]

    assert [file.read_bytes() for file in files] == [content_of("one-1.0.jar")] * 2
    assert shelf.asked["one-1.0.jar"] == 1


def test_a_jar_that_two_processes_want_is_fetched_once(shelf: Shelf, tmp_path: Path) -> None:
    shelf.opened.clear()
    places = [new(tmp_path / name) for name in ("one stack", "another stack")]

    running = [
        subprocess.Popen(
            [sys.executable, "-c", FETCH, str(tmp_path / "kept"), str(place), shelf.url],
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in places
    ]
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "asking\n"
    shelf.opened.set()
    for each in running:
        each.communicate(timeout=60)

    assert [each.returncode for each in running] == [0, 0]
    assert all((place / "two-1.0.jar").read_bytes() == content_of("two-1.0.jar") for place in places)
    assert shelf.asked == {"one-1.0.jar": 1, "two-1.0.jar": 1}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it becomes another user")
def test_a_jar_that_two_users_want_is_fetched_once(shelf: Shelf, open_to_all: Path) -> None:
    kept = open_to_all / "kept"
    shelf.opened.clear()

    with ThreadPoolExecutor(2) as pool:
        children = [
            pool.submit(in_a_child_of, user, lambda: source(shelf, kept).fetch([jar("one")], own(open_to_all), quiet))
            for user in (0, NOBODY)
        ]
        wait_until(lambda: shelf.asked["one-1.0.jar"] == 1, 10, "the first one asks")
        shelf.opened.set()
        codes = [child.result() for child in children]

    assert codes == [0, 0]
    assert shelf.asked["one-1.0.jar"] == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it becomes another user")
def test_what_another_user_keeps_is_believed_only_when_it_is_right(shelf: Shelf, open_to_all: Path) -> None:
    kept = open_to_all / "kept"
    one = jar("one")
    in_a_child_of(0, lambda: source(shelf, kept).fetch([one], own(open_to_all), quiet))
    (kept / one.sha256).unlink()
    assert in_a_child_of(NOBODY, lambda: (kept / one.sha256).write_bytes(b"something else")) == 0
    place = own(open_to_all)
    os.chown(place, DAEMON, DAEMON)

    code = in_a_child_of(DAEMON, lambda: source(shelf, kept).fetch([one], place, quiet))

    assert code == 0
    assert (place / "one-1.0.jar").read_bytes() == content_of("one-1.0.jar")
    assert (kept / one.sha256).read_bytes() == b"something else"  # not its own to put right


def test_what_is_kept_is_not_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    wanted = source(shelf, tmp_path / "kept")
    wanted.fetch([jar("one")], new(tmp_path / "a"), quiet)

    wanted.fetch([jar("one")], new(tmp_path / "b"), quiet)

    assert shelf.asked["one-1.0.jar"] == 1


def test_what_is_kept_and_was_damaged_since_is_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    wanted, one = source(shelf, tmp_path / "kept"), jar("one")
    wanted.fetch([one], new(tmp_path / "a"), quiet)
    (tmp_path / "kept" / one.sha256).unlink()
    (tmp_path / "kept" / one.sha256).write_bytes(content_of("one-1.0.jar")[:-1])

    file = wanted.fetch([one], new(tmp_path / "b"), quiet)[one]

    assert file.read_bytes() == content_of("one-1.0.jar")
    assert (tmp_path / "kept" / one.sha256).read_bytes() == content_of("one-1.0.jar")


@pytest.mark.parametrize("fault", ["unavailable", "cut off", "damaged"])
def test_a_fetch_that_failed_is_done_again(shelf: Shelf, tmp_path: Path, fault: Fault) -> None:
    shelf.faults["one-1.0.jar"] = [fault, fault]
    said: list[str] = []

    file = source(shelf, tmp_path / "kept").fetch([jar("one")], new(tmp_path / "a"), said.append)[jar("one")]

    assert file.read_bytes() == content_of("one-1.0.jar")
    assert shelf.asked["one-1.0.jar"] == 3
    assert said.count("one-1.0.jar again in 0 s") == 2
    assert said[-1] == "jars 1/1"


@pytest.mark.parametrize(
    ("fault", "told"), [("unavailable", "could not be fetched"), ("damaged", "is not the file that jars.lock names")]
)
def test_a_fetch_that_fails_for_good_is_a_sentence(shelf: Shelf, tmp_path: Path, fault: Fault, told: str) -> None:
    shelf.faults["one-1.0.jar"] = [fault] * 4

    with pytest.raises(Failure, match=told) as failure:
        source(shelf, tmp_path / "kept").fetch([jar("one"), jar("two")], new(tmp_path / "a"), quiet)

    assert "run the command again" in failure.value.remedy.lower()
    assert not (tmp_path / "a" / "one-1.0.jar").exists()


def test_a_folder_that_cannot_be_shared_is_done_without(shelf: Shelf, tmp_path: Path) -> None:
    in_the_way = tmp_path / "kept"
    in_the_way.write_text("a file")

    file = source(shelf, in_the_way).fetch([jar("one")], new(tmp_path / "a"), quiet)[jar("one")]

    assert file.read_bytes() == content_of("one-1.0.jar")


def test_a_file_is_readable_by_the_servers_user_whatever_the_umask_is(shelf: Shelf, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        done = source(shelf, tmp_path / "kept").fetch([jar("one")], new(tmp_path / "a"), quiet)
        again = source(shelf, tmp_path / "kept").fetch([jar("one")], new(tmp_path / "b"), quiet)
    finally:
        os.umask(before)

    assert {file.stat().st_mode & 0o777 for file in (*done.values(), *again.values())} == {0o644}


def own(folder: Path) -> Path:
    """A new folder of the user who asks."""
    return Path(tempfile.mkdtemp(dir=folder))


def in_a_child_of(user: int, act: Callable[[], object]) -> int:
    """Its exit code. A fork, for another user may not be able to reach this Python."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            act()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_jars_file_name_is_that_of_the_repository() -> None:
    assert Jar("kafka", "g", "a", "1", "natives", "").file_name == "a-1-natives.jar"
