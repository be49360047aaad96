"""A setting that is mistyped keeps everything from starting, and says which one was meant."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.failure import Failure
from ops.setting_names import require_known
from ops.settings import Settings
from tests.ops.test_settings import stack_env

BATCH = "RUSTOK_FEED__SALES__BATCH"


@pytest.mark.parametrize(
    "name",
    ["RUSTOK_FEED__SALE__BATCH", "RUSTOK_FEEDS__SALES__BATCH", "RUSTOK_FEED_SALES__BATCH", "RUSTOK_FEED__SALES__BACH"],
)
def test_the_nearest_that_there_is_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(Failure) as refused:
        require_known(Settings(home=tmp_path, stack="main"), {name: "5"})

    assert refused.value.what == f"{name} (in the environment) sets nothing: there is no such setting."
    assert f"The nearest is {BATCH};" in refused.value.remedy


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("RUSTOK_APIPORT", "RUSTOK_API_PORT"),
        ("RUSTOK_API_WORKER", "RUSTOK_API_WORKERS"),
        ("RUSTOK_OUTBOX_KEEP_HOURS", "RUSTOK_OUTBOX_KEEP_H"),
    ],
)
def test_what_is_nearly_a_setting_is_taken_for_a_mistake(tmp_path: Path, name: str, meant: str) -> None:
    with pytest.raises(Failure) as refused:
        require_known(Settings(home=tmp_path, stack="main"), {name: "5"})

    assert refused.value.what == f"{name} (in the environment) sets nothing: there is no such setting."
    assert f"The nearest is {meant};" in refused.value.remedy


@pytest.mark.parametrize("name", ["RUSTOK_API_SERVICE_HOST", "RUSTOK_POSTGRES_PASSWORD", "RUSTOK_SHOP", "RUSTOK_"])
def test_what_somebody_else_calls_so_is_nobodys_mistake(tmp_path: Path, name: str) -> None:
    require_known(Settings(home=tmp_path, stack="main"), {name: "5"})


def test_so_it_is_in_the_stacks_own_file_which_is_named(tmp_path: Path) -> None:
    stack_env(tmp_path, "RUSTOK_FEED__NOTHING_LIKE_IT__BATCH=5\n")

    with pytest.raises(Failure, match=r"stack\.env\) sets nothing"):
        require_known(Settings(home=tmp_path, stack="main"), {})


def test_what_there_is_and_what_is_nobodys_and_what_is_empty_is_good(tmp_path: Path) -> None:
    stack_env(tmp_path, f"{BATCH}=5\n# RUSTOK_FEED__X__BATCH=1\nRUSTOK_API_PORT=1\n")

    require_known(
        Settings(home=tmp_path, stack="main"), {BATCH.lower(): "5", "RUSTOK_FEED__X__BATCH": "", "MY__OWN": "1"}
    )


@pytest.mark.parametrize("command", [("up",), ("restart", "api"), ("streams", "feed", "sales")])
def test_nothing_starts_with_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    environment = {**os.environ, "RUSTOK_HOME": str(tmp_path), "RUSTOK_FEED__SALE__BATCH": "5"}

    told = subprocess.run(
        [sys.executable, "-m", "ops.cli", *command], env=environment, capture_output=True, text=True, check=False
    )

    assert told.returncode != 0
    assert "RUSTOK_FEED__SALE__BATCH (in the environment) sets nothing" in told.stderr
    assert not (tmp_path / "stacks").exists()
