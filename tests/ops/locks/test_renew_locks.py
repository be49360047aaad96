"""A renewed lock counts when the first run passes on it, and what changed is said."""

from pathlib import Path

import pytest

from ops.failure import Failure
from ops.local import jar_lock
from ops.locks import java_archives, python_packages
from ops.locks.renew_locks import Lock, changed, renew

OLD = "alpha==1.0 \\\n    --hash=sha256:aa\nbeta==1.0 \\\n    --hash=sha256:bb\n"
NEW = "alpha==1.1 \\\n    --hash=sha256:cc\ngamma==3 \\\n    --hash=sha256:dd\n"


@pytest.fixture
def lock(tmp_path: Path) -> Lock:
    file = tmp_path / "requirements.lock"
    file.write_text(OLD)
    return Lock(file, lambda: NEW, python_packages.versions)


def test_what_changed_is_said_by_name_old_and_new(lock: Lock, tmp_path: Path) -> None:
    said: list[str] = []

    changes = renew([lock], lambda: True, tmp_path / "aside", said.append)

    assert changes == ["requirements.lock:", "    alpha 1.0 → 1.1", "  - beta 1.0", "  + gamma 3"]
    assert said == ["\n".join(changes)]
    assert lock.file.read_text() == NEW


def test_the_first_run_sees_the_new_lock(lock: Lock, tmp_path: Path) -> None:
    seen: list[str] = []

    renew([lock], lambda: bool(seen.append(lock.file.read_text()) or True), tmp_path / "aside", lambda _: None)

    assert seen == [NEW]


def test_a_lock_that_does_not_work_is_taken_back_and_kept_aside(lock: Lock, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="does not pass with the new locks") as failure:
        renew([lock], lambda: False, tmp_path / "aside", lambda _: None)

    assert lock.file.read_text() == OLD
    assert (tmp_path / "aside" / "requirements.lock").read_text() == NEW
    assert "pyproject.toml" in failure.value.remedy


def test_a_renewal_that_is_interrupted_leaves_the_old_lock(lock: Lock, tmp_path: Path) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        renew([lock], interrupted, tmp_path / "aside", lambda _: None)

    assert lock.file.read_text() == OLD


def test_no_change_is_said_too(lock: Lock, tmp_path: Path) -> None:
    said: list[str] = []
    same = Lock(lock.file, lambda: OLD, lock.versions)

    assert renew([same], lambda: True, tmp_path / "aside", said.append) == []
    assert said == ["No version has changed."]


def test_other_files_of_the_same_versions_are_a_change(lock: Lock) -> None:
    assert changed(lock, OLD, OLD.replace("aa", "ee")) == [
        "requirements.lock:",
        "    the same versions, with other files",
    ]


def test_a_package_with_a_version_for_each_python_is_one_name() -> None:
    text = "numpy==2.4.6 ; python_full_version < '3.12' \\\nnumpy==2.5.5 ; python_full_version >= '3.12' \\\n"

    assert python_packages.versions(text) == {"numpy": "2.4.6, 2.5.5"}


def test_every_jar_of_the_lock_has_a_version() -> None:
    versions = java_archives.versions(jar_lock.LOCK.read_text())

    assert versions["kafka: org.apache.kafka:kafka_2.13"] == jar_lock.KAFKA_VERSION
    assert sum(len(several.split(", ")) for several in versions.values()) == sum(
        len(jar_lock.locked(server)) for server in jar_lock.COORDINATES
    )


def test_a_file_that_has_become_another_is_refused() -> None:
    coordinate = jar_lock.COORDINATES["kafka"][0]

    with pytest.raises(Failure, match="another file than the one that was locked"):
        java_archives._sha256(Fetched(jar_lock.LOCK), "0" * 64, coordinate)  # noqa: SLF001  # the piece that decides


class Fetched:
    def __init__(self, file: Path) -> None:
        self.cached_path = file

    def resolve(self) -> Path:
        return self.cached_path
