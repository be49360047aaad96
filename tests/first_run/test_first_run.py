"""The README's first command on a machine that has nothing but Python, from a clone to a sale in the figures.

It runs beside the quick checks whenever all tests run. With it: the packages of a lock under the oldest pip that there
is a Python 3.11 with, and under the newest.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local import leftovers
from tests.support import clean_machine
from tests.support.first_run import User, first_run, found_by_search, newcomer, revenue_minor, show, version_of
from tests.support.package_index import Index, open_index
from tests.support.tiny_checkout import ALPHA, BETA, GAMMA, make_checkout

pytestmark = pytest.mark.first_run


@pytest.mark.timeout(1800)
def test_from_a_clone_to_a_product_found_by_search_and_a_sale_in_the_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    python = clean_machine.base_python()
    with newcomer(python, user=User(os.geteuid()), umask=0o077) as one, capsys.disabled():
        show(f"{version_of(python)}, user id {one.user.uid}, in {one.clone}")
        report = first_run(one, show)
        titles, revenue = found_by_search(one, "frozn pizza"), revenue_minor(one)
        one.rustok("down")
        left = leftovers.find(one.stack.root)

    assert any("pizza" in title.lower() for title in titles)
    assert revenue == report["revenue"]["source_minor"] > 0
    assert report["differences"] == 0
    assert left == []


@pytest.fixture
def index() -> Iterator[Index]:
    with open_index() as index:
        yield index


@pytest.mark.timeout(600)
@pytest.mark.parametrize("pip", ["pip==23.0", "pip"], ids=["pip 23.0", "the newest pip"])
def test_nothing_newer_than_the_lock_is_installed_by(pip: str, index: Index, tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path, index)
    checkout.run()
    python = checkout.venv / "bin" / "python"
    registry = clean_machine.environment(checkout.path, tmp_path / "home")
    got = clean_machine.run([python, "-m", "pip", "install", "--upgrade", pip], registry)
    assert got.returncode == 0, clean_machine.said(got)
    clean_machine.run([python, "-m", "pip", "uninstall", "--yes", "alpha", "beta", "gamma"], registry)
    checkout.lock([GAMMA, BETA, ALPHA])  # another order: a lock that has changed

    done = checkout.run()

    assert done.stdout == "alpha==1.0 beta==1.0 gamma==1.0\n", done.stderr
