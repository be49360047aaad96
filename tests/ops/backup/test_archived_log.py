"""A segment of the log is archived as a whole, once, and comes back as it was; a hole is found before it is needed."""

import gzip
import subprocess
from pathlib import Path

import pytest

from ops.local import archived_log

SEGMENT = "000000010000000000000003"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A name that a shell would take apart."""
    folder = tmp_path / "the log's folder"
    folder.mkdir()
    return folder


def run(tmp_path: Path, script: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    file = tmp_path / "script.sh"
    file.write_text(script)
    return subprocess.run(["/bin/sh", file, *map(str, arguments)], capture_output=True, text=True, check=False)


def archive(tmp_path: Path, log: Path, content: bytes) -> "subprocess.CompletedProcess[str]":
    segment = tmp_path / "segment"
    segment.write_bytes(content)
    return run(tmp_path, archived_log.archive_script(log), segment, SEGMENT)


def fetched(tmp_path: Path, log: Path | None, name: str = SEGMENT) -> tuple[int, bytes | None]:
    target = tmp_path / "fetched"
    done = run(tmp_path, archived_log.fetch_script(log), name, target)
    return done.returncode, target.read_bytes() if done.returncode == 0 else None


def test_what_is_archived_comes_back(tmp_path: Path, log: Path) -> None:
    assert archive(tmp_path, log, b"events" * 1000).returncode == 0

    assert [path.name for path in log.iterdir()] == [f"{SEGMENT}.gz"]
    assert fetched(tmp_path, log) == (0, b"events" * 1000)


def test_the_same_again_is_fine_and_another_of_its_name_is_refused(tmp_path: Path, log: Path) -> None:
    archive(tmp_path, log, b"events")

    assert archive(tmp_path, log, b"events").returncode == 0
    refused = archive(tmp_path, log, b"others")

    assert (refused.returncode, "two servers" in refused.stderr) == (1, True)
    assert fetched(tmp_path, log) == (0, b"events")


def test_what_a_killed_one_left_is_in_nobodys_way(tmp_path: Path, log: Path) -> None:
    (log / f".{SEGMENT}.arriving").write_bytes(b"half")

    assert archive(tmp_path, log, b"events").returncode == 0
    assert fetched(tmp_path, log) == (0, b"events")


def test_a_folder_that_is_gone_fails(tmp_path: Path, log: Path) -> None:
    log.rmdir()

    assert archive(tmp_path, log, b"events").returncode != 0


def test_the_end_of_the_log_is_another_thing_than_a_damaged_segment(tmp_path: Path, log: Path) -> None:
    archive(tmp_path, log, b"events" * 1000)
    file = log / f"{SEGMENT}.gz"
    file.write_bytes(file.read_bytes()[:20])

    assert fetched(tmp_path, log, "000000010000000000000004")[0] == 1
    assert fetched(tmp_path, None)[0] == 1
    assert fetched(tmp_path, log)[0] == 126  # PostgreSQL ends, and does not take it for the end of the log


def test_a_log_that_others_archived_uncompressed_is_read_as_well(tmp_path: Path, log: Path) -> None:
    (log / SEGMENT).write_bytes(b"events")

    assert fetched(tmp_path, log) == (0, b"events")


def names(*numbers: int, timeline: int = 1) -> list[str]:
    return [f"{timeline:08X}{number // 256:08X}{number % 256:08X}.gz" for number in numbers]


@pytest.mark.parametrize(
    ("there", "lacking"),
    [
        ([], None),
        (names(1, 2), None),  # all of it older than the base backup
        (names(1, 3, 4, 5), None),
        (names(3, 4, 6), 5),
        (names(4, 5), 3),
        ([*names(3, 4), *names(5, 6, timeline=2)], None),  # the history that another restore began
        (names(*range(3, 257)), None),
        (names(*range(3, 255), 256), 255),
        ([*names(3, 5), "00000002.history.gz", f"{SEGMENT}.00000028.backup.gz", f".{SEGMENT}.arriving"], 4),
    ],
)
def test_a_hole_is_found(there: list[str], lacking: int | None) -> None:
    found = archived_log.missing(there, "0/3000120")

    assert found == (None if lacking is None else f"…{names(lacking)[0][8:24]}")


def test_compression_is_that_of_gzip(tmp_path: Path, log: Path) -> None:
    archive(tmp_path, log, b"\0" * archived_log.SEGMENT_BYTES)

    file = log / f"{SEGMENT}.gz"
    assert gzip.decompress(file.read_bytes()) == b"\0" * archived_log.SEGMENT_BYTES
    assert file.stat().st_size < 100_000
