"""The first process makes a trie, and the others read it; whatever is with its file, all of them have it."""

import os
from pathlib import Path

import pytest
from marisa_trie import Trie

from sinks.search.words.kept_tries import kept_trie


def made() -> Trie:
    return Trie(["brett", "käse"])


def never() -> Trie:
    raise AssertionError("it was kept")


def test_what_was_made_once_is_not_made_again(tmp_path: Path) -> None:
    kept_trie("words", made, tmp_path / "cache")

    assert "käse" in kept_trie("words", never, tmp_path / "cache")


def test_a_file_that_is_no_trie_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "words").write_bytes(b"half a trie")

    assert "käse" in kept_trie("words", made, tmp_path)
    assert "käse" in kept_trie("words", never, tmp_path)


def test_half_a_file_is_made_again(tmp_path: Path) -> None:
    whole = made().tobytes()
    (tmp_path / "words").write_bytes(whole[: len(whole) // 2])

    assert "käse" in kept_trie("words", made, tmp_path)


def test_without_a_folder_to_write_to_it_is_made_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert "käse" in kept_trie("words", made, tmp_path / "file")


def test_a_file_of_another_user_is_not_believed(tmp_path: Path) -> None:
    kept_trie("words", lambda: Trie(["theirs"]), tmp_path)
    if os.geteuid() == 0:
        os.chown(tmp_path / "words", 65534, 65534)
    else:
        pytest.skip("only root can give a file away")

    assert "theirs" not in kept_trie("words", made, tmp_path)


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    kept_trie("words", made, tmp_path)

    assert [one.name for one in tmp_path.iterdir()] == ["words"]
