"""The home: beside the code, or elsewhere when the servers' own user could not get there."""

from pathlib import Path

from ops.home import StackFolder, default_home, reachable_by_others


def open_folder(parent: Path, name: str, mode: int) -> Path:
    folder = parent / name
    folder.mkdir()
    folder.chmod(mode)
    return folder


def test_the_home_lies_in_the_project(tmp_path: Path) -> None:
    assert default_home(tmp_path, is_root=False) == tmp_path / ".rustok"


def test_root_gets_another_home_when_the_project_is_closed_to_others(tmp_path: Path) -> None:
    closed = open_folder(tmp_path, "closed", 0o700)
    project = open_folder(closed, "project", 0o755)

    home = default_home(project, is_root=True)

    assert reachable_by_others(home.parent)
    assert home == default_home(project, is_root=True)
    assert home != default_home(closed, is_root=True)


def test_a_closed_folder_anywhere_on_the_way_closes_what_is_below(tmp_path: Path) -> None:
    closed = open_folder(tmp_path, "closed", 0o700)
    below = open_folder(closed, "below", 0o755)

    assert not reachable_by_others(below)
    assert reachable_by_others(Path("/"))


def test_stacks_share_software_and_nothing_else(tmp_path: Path) -> None:
    one, other = StackFolder(tmp_path, "one"), StackFolder(tmp_path, "other")

    assert one.software == other.software
    assert one.root != other.root
    assert other.token_key.is_relative_to(other.root)
