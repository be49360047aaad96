"""`ops/run` on a machine that has nothing: what is locked and nothing else, whatever happens on the way."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.home import project_root
from tests.support import clean_machine
from tests.support.package_index import Fault, Index, Package, open_index
from tests.support.tiny_checkout import ALPHA, BETA, GAMMA, Checkout, kill, make_checkout, move
from tests.support.waiting import wait_until

#: Each makes folders with an environment of its own: too long for the inner loop.
pytestmark = pytest.mark.first_run

NOBODY = 65534
ALL = "alpha==1.0 beta==1.0 gamma==1.0\n"


@pytest.fixture
def index() -> Iterator[Index]:
    with open_index() as index:
        yield index


@pytest.fixture
def checkout(index: Index, tmp_path: Path) -> Checkout:
    return make_checkout(tmp_path, index)


def is_a_sentence(done: "subprocess.CompletedProcess[str]") -> bool:
    return done.returncode == 2 and "Traceback" not in done.stderr and len(done.stderr.splitlines()) < 15


def test_nothing_is_installed_but_what_is_locked_though_an_extra_leads_to_newer_packages(checkout: Checkout) -> None:
    done = checkout.run()

    assert (done.returncode, done.stdout) == (0, ALL), done.stderr
    assert re.search(r"✓ virtual environment +\d+ s\n.*\n✓ packages +\d+ s\n✓ project +\d+ s\n$", done.stderr)


def test_the_second_time_nothing_is_installed_and_nothing_is_said(checkout: Checkout, index: Index) -> None:
    checkout.run()
    index.asked.clear()

    done = checkout.run()

    assert (done.stdout, done.stderr) == (ALL, "")
    assert not index.asked


def test_a_change_of_the_lock_is_followed_and_what_left_it_is_removed(checkout: Checkout, index: Index) -> None:
    checkout.run()
    delta = Package("delta", "1.0")
    index.packages.append(delta)
    checkout.lock([ALPHA, BETA, delta])

    done = checkout.run()

    assert done.stdout == "alpha==1.0 beta==1.0 delta==1.0\n"
    assert "virtual environment" not in done.stderr


@pytest.mark.parametrize("fault", ["unavailable", "cut off", "damaged"])
def test_a_registry_that_fails_is_asked_again(checkout: Checkout, index: Index, fault: Fault) -> None:
    index.faults[BETA.file_name] = [fault, fault]

    done = checkout.run()

    assert done.stdout == ALL, done.stderr
    assert done.stderr.count("The registry of packages failed (") == 2
    assert index.asked[BETA.file_name] == 3


def test_a_registry_that_is_not_there_is_a_sentence(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    done = checkout.run(PIP_INDEX_URL=f"http://127.0.0.1:{port}/simple", PIP_RETRIES="1")

    assert is_a_sentence(done)
    assert "The registry of packages could not be used" in done.stderr
    assert "HTTPS_PROXY" in done.stderr


def test_a_package_that_is_another_than_the_locked_one_is_a_sentence(checkout: Checkout, index: Index) -> None:
    index.faults[BETA.file_name] = ["damaged"] * 4

    done = checkout.run()

    assert is_a_sentence(done)
    assert "another file than the one that is locked" in done.stderr
    assert "beta" in done.stderr


def test_a_package_that_is_not_ready_made_for_this_python_is_a_sentence(checkout: Checkout, index: Index) -> None:
    index.packages.remove(GAMMA)

    done = checkout.run()

    assert is_a_sentence(done)
    assert "not to be had ready-made for Python 3." in done.stderr
    assert "gamma" in done.stderr


def test_an_installation_that_was_killed_is_noticed_and_made_anew(checkout: Checkout, index: Index) -> None:
    index.opened.clear()
    with checkout.begin() as running:
        wait_until(lambda: bool(index.asked), 60, "packages are fetched")
        kill(running)
    index.opened.set()

    done = checkout.run()

    assert done.stdout == ALL
    assert "was not finished" in done.stderr


def test_two_at_once_install_once(checkout: Checkout, index: Index) -> None:
    index.opened.clear()
    with checkout.begin() as one, checkout.begin() as other:
        wait_until(lambda: bool(index.asked), 60, "packages are fetched")
        index.opened.set()
        said = [one.communicate(timeout=60)[0], other.communicate(timeout=60)[0]]

    assert all(each.endswith(ALL) for each in said), said
    assert sorted("Another ops/run is installing in" in each for each in said) == [False, True]
    assert index.asked == {ALPHA.file_name: 1, BETA.file_name: 1, GAMMA.file_name: 1}


def test_a_folder_that_was_moved_is_installed_anew(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()

    done = move(checkout, tmp_path / "elsewhere").run()

    assert done.stdout == ALL
    assert "made in another place" in done.stderr


def test_a_machine_without_python_is_told_what_to_install(checkout: Checkout) -> None:
    (checkout.path / clean_machine.base_python().name).unlink()

    done = checkout.run()

    assert is_a_sentence(done)
    assert "RusToK needs Python 3.11 to 3.14, and there is none on the PATH." in done.stderr


@pytest.mark.parametrize("version", ["3 10", "3 15"])
def test_a_machine_with_another_python_only_is_told_which(checkout: Checkout, version: str) -> None:
    (checkout.path / clean_machine.base_python().name).unlink()
    clean_machine.put(checkout.path, "python3", f"echo {version}")

    done = checkout.run()

    assert is_a_sentence(done)
    assert f"there is only {version.replace(' ', '.')} on the PATH" in done.stderr


def test_a_python_without_ensurepip_is_told_what_to_install(checkout: Checkout, tmp_path: Path) -> None:
    python = clean_machine.without_ensurepip(tmp_path / "debian")
    clean_machine.put(checkout.path, python.name, f'exec "{python}" "$@"')

    done = checkout.run()

    assert is_a_sentence(done)
    assert "it lacks venv or ensurepip" in done.stderr
    assert "apt install python3-venv" in done.stderr
    assert not checkout.venv.exists()


def test_too_little_space_is_a_sentence(checkout: Checkout) -> None:
    clean_machine.put(
        checkout.path, "df", "echo Filesystem 1024-blocks Used Available; echo /dev/x 9999 9999 102400 99%"
    )

    done = checkout.run()

    assert is_a_sentence(done)
    assert "has 100 MB left; the packages need 2048 MB" in done.stderr


def test_a_disk_that_fills_up_on_the_way_is_a_sentence(checkout: Checkout) -> None:
    checkout.run()
    (checkout.venv / "bin" / "python").unlink()
    full = "ERROR: Could not install packages: [Errno 28] No space left on device"
    clean_machine.put(checkout.venv / "bin", "python", f'case "$*" in *pip*) echo "{full}"; exit 1;; esac')
    checkout.lock([ALPHA, BETA])

    done = checkout.run()

    assert is_a_sentence(done)
    assert "The disk is full" in done.stderr
    assert "Free some space" in done.stderr


def test_a_folder_that_cannot_be_written_is_a_sentence(checkout: Checkout, tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.owner() != "root" or folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o055)
    checkout.root.chmod(0o555)
    user = NOBODY if os.geteuid() == 0 else None  # root may write anywhere

    done = clean_machine.run(["bash", checkout.root / "ops" / "run"], checkout.environment, user=user)
    checkout.root.chmod(0o755)

    assert is_a_sentence(done)
    assert "cannot be written by user" in done.stderr


def test_the_container_installs_the_same_way() -> None:
    compose = (project_root() / "ops" / "compose.yaml").read_text()
    options = "--no-deps --only-binary :all: --require-hashes"

    assert options in (project_root() / "ops" / "run").read_text()
    assert options in compose


def test_this_python_is_one_of_those_it_looks_for() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 14)
