"""Laying out software: complete or not there, readable by another user, and made once."""

import os
import zipfile
from pathlib import Path

from ops.local import jars, software


def test_a_file_that_others_can_read_is_linked(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("x")
    source.chmod(0o644)

    software._link(source, tmp_path / "there" / "target")  # noqa: SLF001  # the piece that decides

    assert os.path.samefile(source, tmp_path / "there" / "target")


def test_a_file_that_only_its_owner_can_read_is_copied_and_opened_up(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("x")
    source.chmod(0o700)

    software._link(source, tmp_path / "target")  # noqa: SLF001  # the piece that decides

    assert not os.path.samefile(source, tmp_path / "target")
    assert (tmp_path / "target").stat().st_mode & 0o777 == 0o755
    assert source.stat().st_mode & 0o777 == 0o700


def test_a_modules_class_is_found_in_its_jar(tmp_path: Path) -> None:
    jar = tmp_path / "m.jar"
    with zipfile.ZipFile(jar, "w") as content:
        content.writestr("org/x/SomethingElse.class", "")
        content.writestr("org/x/ReindexModulePlugin.class", "")

    assert software._plugin_class(jar) == "org.x.ReindexModulePlugin"  # noqa: SLF001  # the piece that decides


def test_the_lock_has_every_server_and_a_checksum_for_every_jar() -> None:
    for server in jars.COORDINATES:
        locked = jars.locked(server)

        assert locked
        assert all(len(jar.sha256) == 64 for jar in locked)
        assert len({jar.file_name for jar in locked}) == len(locked)


def test_the_lock_fits_the_coordinates_it_was_written_from() -> None:
    for server, coordinates in jars.COORDINATES.items():
        locked = {f"{jar.group}:{jar.artifact}:{jar.version}" for jar in jars.locked(server)}

        assert set(coordinates) <= locked


def test_every_module_of_opensearch_is_in_the_lock() -> None:
    artifacts = {jar.artifact for jar in jars.locked("opensearch")}

    assert set(software.MODULES.values()) <= artifacts
