"""Laying out software: complete or not there, readable by another user, and made once."""

import errno
import os
import zipfile
from pathlib import Path
from threading import Event, Thread

import pytest

from ops.failure import Failure
from ops.local import jar_lock, server_software


def test_a_file_that_others_can_read_is_linked(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("x")
    source.chmod(0o644)

    server_software._link(source, tmp_path / "there" / "target")  # noqa: SLF001  # the piece that decides

    assert os.path.samefile(source, tmp_path / "there" / "target")


def test_a_file_that_only_its_owner_can_read_is_copied_and_opened_up(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("x")
    source.chmod(0o700)

    server_software._link(source, tmp_path / "target")  # noqa: SLF001  # the piece that decides

    assert not os.path.samefile(source, tmp_path / "target")
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o755
    assert source.stat().st_mode & 0o777 == 0o700


def test_a_modules_class_is_found_in_its_jar(tmp_path: Path) -> None:
    jar = tmp_path / "m.jar"
    with zipfile.ZipFile(jar, "w") as content:
        content.writestr("org/x/SomethingElse.class", "")
        content.writestr("org/x/ReindexModulePlugin.class", "")

    assert server_software._plugin_class(jar) == "org.x.ReindexModulePlugin"  # noqa: SLF001  # the piece that decides


def test_the_lock_has_every_server_and_a_checksum_for_every_jar() -> None:
    for server in jar_lock.COORDINATES:
        locked = jar_lock.locked(server)

        assert locked
        assert all(len(jar.sha256) == 64 for jar in locked)
        assert len({jar.file_name for jar in locked}) == len(locked)


def test_the_lock_fits_the_coordinates_it_was_written_from() -> None:
    for server, coordinates in jar_lock.COORDINATES.items():
        locked = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jar_lock.locked(server)}

        assert set(coordinates) <= locked


def test_every_module_of_opensearch_is_in_the_lock() -> None:
    artifacts = {jar.artifact for jar in jar_lock.locked("opensearch")}

    assert set(server_software.MODULES.values()) <= artifacts


def test_what_an_interrupted_start_left_is_laid_out_anew(tmp_path: Path) -> None:
    half = tmp_path / f".kafka-{jar_lock.KAFKA_VERSION}.unfinished"
    half.mkdir()
    (half / "half a jar").write_text("x")

    there = server_software._laid_out(tmp_path, "kafka", lambda there: (there / "whole").touch())  # noqa: SLF001

    assert [file.name for file in there.iterdir()] == ["whole"]
    assert not half.exists()


def test_two_at_once_lay_out_once(tmp_path: Path) -> None:
    filled: list[Path] = []
    begun = Event()

    def fill(there: Path) -> None:
        filled.append(there)
        begun.set()
        other.join(0.2)  # the other one has time to come in, if it could
        (there / "whole").touch()

    other = Thread(target=lambda: begun.wait(10) and server_software._laid_out(tmp_path, "kafka", fill))  # noqa: SLF001
    other.start()
    server_software._laid_out(tmp_path, "kafka", fill)  # noqa: SLF001
    other.join(10)

    assert len(filled) == 1


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    def fill(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(Failure, match="No space left on device") as failure:
        server_software._laid_out(tmp_path, "kafka", fill)  # noqa: SLF001

    assert "Free some space" in failure.value.remedy
