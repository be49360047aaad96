"""What is in the way of a stack's folders is a sentence."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.home import ServiceUser, StackFolder
from ops.local import stack_folders


@pytest.mark.parametrize("name", ["a:b", "a,b", "a%b", 'a"b', "a\nb", "a;b", "a#b"])
def test_a_name_that_a_class_path_or_a_configuration_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure, match="in the name of a folder") as failure:
        stack_folders.make(StackFolder(tmp_path / name, "test"), ServiceUser.choose())

    assert "RUSTOK_HOME" in failure.value.remedy
    assert not (tmp_path / name).exists()


def test_a_file_where_a_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    me = ServiceUser.choose()

    with pytest.raises(Failure, match="could not be made"):
        stack_folders.make(StackFolder(tmp_path / "home", "test"), ServiceUser(me.name, 0, 0) if me.uid else me)


def test_a_user_without_a_name_is_told_that_postgres_wants_one(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no name") as failure:
        stack_folders.make(StackFolder(tmp_path / "home", "test"), ServiceUser("", 54321, 54321))

    assert "/etc/passwd" in failure.value.remedy


def test_a_servers_user_that_is_not_there_is_a_sentence() -> None:
    if ServiceUser.choose().is_caller:
        assert ServiceUser.choose("never-made") == ServiceUser.choose()  # only root's servers have a user of their own
        return
    with pytest.raises(Failure, match="no user never-made") as failure:
        ServiceUser.choose("never-made")

    assert "RUSTOK_SERVICE_USER" in failure.value.remedy


def keys_of(folder: StackFolder) -> tuple[Path, ...]:
    return (
        folder.token_key,
        folder.service_key,
        folder.watermark_key,
        folder.webhook_key,
        folder.payment_key,
        folder.postgres_password,
    )


def test_many_starts_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    me = ServiceUser.choose()
    caller = me if me.is_caller else ServiceUser(me.name, 0, 0)
    for attempt in range(20):
        folder = StackFolder(tmp_path / f"home{attempt}", "test")

        def key_of_a_start(folder: StackFolder = folder) -> str:
            stack_folders.make(folder, caller)
            return "".join(key.read_text() for key in keys_of(folder))

        with ThreadPoolExecutor(8) as starts:
            keys = {start.result() for start in [starts.submit(key_of_a_start) for _ in range(8)]}

        assert len(keys) == 1
        assert len(keys.pop()) == 6 * 64


def test_what_killed_servers_left_is_gone_before_a_start_and_nothing_else(tmp_path: Path) -> None:
    folder, elsewhere = StackFolder(tmp_path / "home", "test"), tmp_path / "elsewhere"
    temporary = folder.data("tmp")
    (temporary / "unpacked" / "deep").mkdir(parents=True)
    (temporary / "liblz4-java-1.so").write_bytes(b"code")
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    (temporary / "link").symlink_to(elsewhere)

    stack_folders.empty_tmp(folder)

    assert list(temporary.iterdir()) == []
    assert (elsewhere / "kept").exists()


@pytest.mark.parametrize("name", ["file/analytics", "/proc/nope"])
def test_a_folder_that_nothing_can_be_written_to_is_named_with_its_setting(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Failure, match="Nothing can be written to") as failure:
        stack_folders.make_named(tmp_path / name, "RUSTOK_ANALYTICS_DIR")

    assert "RUSTOK_ANALYTICS_DIR" in failure.value.remedy
    stack_folders.make_named(tmp_path / "new" / "analytics", "RUSTOK_ANALYTICS_DIR")
