import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

from ops.checks.careless_code import find_careless
from ops.checks.finding import Finding
from ops.checks.licences import ALLOWED, DECIDED, find_licences, licences
from ops.checks.outdated_packages import compared
from ops.checks.secrets_in_files import find_secrets
from ops.checks.vulnerabilities import find_vulnerabilities, findings
from ops.failure import Failure
from ops.home import project_root
from ops.locks.python_packages import versions

LOCK = project_root() / "ops" / "requirements.lock"
KEY = "AKIA" + "Q3EGRBJ5LUVPM7XC"
TOKEN = "rtk_live_" + "a" * 60


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True)


def commit(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "files")


def test_a_hole_is_named_with_what_mends_it() -> None:
    told = [
        {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2", "3"]}]},
        {"name": "b", "version": "1", "vulns": [{"id": "CVE-2", "fix_versions": []}]},
        {"name": "c", "version": "1", "vulns": []},
    ]

    assert findings(told) == [Finding("a 1", "CVE-1, mended in 2, 3"), Finding("b 1", "CVE-2, not mended yet")]


def test_a_package_that_nothing_was_told_of_is_not_taken_for_a_good_one() -> None:
    with pytest.raises(Failure, match="Of 1 of 2 packages nothing was told: b"):
        findings([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}])


def test_who_cannot_ask_says_so(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("click==8.3.1\n")  # without a hash, so that nobody is asked

    with pytest.raises(Failure, match="pip-audit could not ask"):
        find_vulnerabilities(lock)


def test_every_locked_package_has_a_licence_that_was_decided_on() -> None:
    found, absent = find_licences(LOCK)

    assert found == []
    assert len(absent) < 10


def test_decisions_are_about_what_is_locked() -> None:
    assert DECIDED.keys() <= versions(LOCK.read_text()).keys()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ([("License-Expression", "MIT AND (Apache-2.0 OR GPL-3.0-only)")], {"MIT", "Apache-2.0", "GPL-3.0-only"}),
        (
            [("Classifier", "License :: OSI Approved :: GNU Affero General Public License v3")],
            {"GNU Affero General Public License v3"},
        ),
        ([("Classifier", "License :: OSI Approved"), ("License", "Mine\nall of it")], {"Mine"}),
        ([], set()),
    ],
)
def test_all_licences_of_a_package_are_read(fields: list[tuple[str, str]], named: set[str]) -> None:
    package = Message()
    for name, value in fields:
        package[name] = value

    assert set(licences(package)) == named
    assert not named or named - ALLOWED


def test_what_is_older_than_it_has_to_be_is_named() -> None:
    assert compared({"a": "1", "b": "1", "gone": "1"}, {"a": "2", "b": "1", "new": "1"}) == [
        Finding("a", "1, there is 2")
    ]


def test_secrets_are_named_by_place_and_kind_and_not_shown(clone: Path) -> None:
    commit(clone, a="fine\n", b=f"one\nkey = '{KEY}'\n", c=TOKEN, d="postgresql://user:password@host/db")

    found = find_secrets(clone)

    assert [one.where for one in found] == ["b:2", "c:1"]
    assert KEY not in str(found)
    assert TOKEN not in str(found)


def test_a_secret_that_was_taken_out_and_is_still_in_the_last_commit_is_named(clone: Path) -> None:
    commit(clone, a=KEY, b=KEY)
    (clone / "a").write_text("nothing")
    (clone / "b").unlink()

    assert [one.where for one in find_secrets(clone)] == ["a, as it was committed:1", "b, as it was committed:1"]


def test_what_git_does_not_know_is_not_looked_at(clone: Path) -> None:
    commit(clone, a="fine")
    (clone / "stack.env").write_text(KEY)

    assert find_secrets(clone) == []


def test_without_git_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="git does not say"):
        find_secrets(tmp_path / "nowhere")


def test_careless_code_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ruff.lint]\nselect = ["S", "F"]\n')
    (tmp_path / "a.py").write_text("import os\nimport subprocess\nsubprocess.run('rm x', shell=True)\n")

    assert [(one.where, one.what[:4]) for one in find_careless(tmp_path)] == [("a.py:3", "S602"), ("a.py:3", "S607")]


@pytest.mark.parametrize("name", ["code", "licences"])
def test_each_is_a_command(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "api", "check", name], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"✓ {name}")
