"""Settings: environment over stack.env over defaults, and addresses that mean the local servers when left empty."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from ops.settings import Settings


def read_in_a_new_process(expression: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RUSTOK_")}
    code = f"from ops.settings import Settings; s = Settings(); print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**clean, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def stack_env(home: Path, text: str) -> None:
    folder = home / "stacks" / "main"
    folder.mkdir(parents=True)
    (folder / "stack.env").write_text(text)


def test_what_is_not_given_has_a_default(tmp_path: Path) -> None:
    told = read_in_a_new_process("s.postgres_port, s.stack, s.kafka_bootstrap", RUSTOK_HOME=str(tmp_path))

    assert told == "55432 main 127.0.0.1:59092"


def test_the_stacks_own_file_is_read_and_the_environment_wins_over_it(tmp_path: Path) -> None:
    stack_env(tmp_path, "RUSTOK_KAFKA_PORT=1111\nRUSTOK_API_PORT=2222\n")

    told = read_in_a_new_process(
        "s.kafka_port, s.api_port, s.api_url", RUSTOK_HOME=str(tmp_path), RUSTOK_API_PORT="3333"
    )

    assert told == "1111 3333 http://127.0.0.1:3333"


def test_an_address_that_is_given_means_no_local_server(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, postgres_url="postgresql://me@elsewhere/shop")

    assert not settings.starts_postgres
    assert settings.starts_kafka


def test_an_empty_address_in_the_environment_means_the_local_server(tmp_path: Path) -> None:
    told = read_in_a_new_process("s.starts_kafka", RUSTOK_HOME=str(tmp_path), RUSTOK_KAFKA_BOOTSTRAP="")

    assert told == "True"


def test_keys_are_read_from_the_stacks_folder(tmp_path: Path) -> None:
    keys = tmp_path / "stacks" / "main" / "keys"
    keys.mkdir(parents=True)
    (keys / "token_key").write_text("signing")
    (keys / "postgres_password").write_text("pass/word")

    settings = Settings(home=tmp_path, stack="main", postgres_port=5)

    assert settings.token_key.get_secret_value() == "signing"
    assert settings.postgres_url == "postgresql://rustok:pass%2Fword@127.0.0.1:5/rustok"


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("postgres_url", "nonsense", "begin with postgresql://"),
        ("postgres_scheduler_url", "mysql://a/b", "begin with postgresql://"),
        ("kafka_bootstrap", "nohost", "host:port"),
        ("kafka_bootstrap", "one:9092,two", "host:port"),
        ("kafka_bootstrap", "one:99999", "host:port"),
        ("kafka_bootstrap", "", "host:port"),
    ],
)
def test_an_address_that_is_none_is_refused(tmp_path: Path, setting: str, value: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings(home=tmp_path, **{setting: value})  # type: ignore[arg-type]  # any of them


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("postgres_url", "postgres://me@[::1]:5432/rustok?sslmode=require"),
        ("postgres_url", "host=db dbname=rustok"),
        ("kafka_bootstrap", "one:9092, [::1]:9093"),
    ],
)
def test_an_address_is_written_as_its_clients_write_it(tmp_path: Path, setting: str, value: str) -> None:
    assert getattr(Settings(home=tmp_path, **{setting: value}), setting) == value  # type: ignore[arg-type]


@pytest.mark.parametrize("urls", ["one:9200", "http://one:9200,https://two:9200", "ftp://one"])
def test_addresses_of_opensearch_are_all_http_or_all_https(tmp_path: Path, urls: str) -> None:
    with pytest.raises(ValidationError, match="each address is to begin with"):
        Settings(home=tmp_path, opensearch_url=urls)


def test_more_copies_in_step_than_there_are_to_be_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="nothing could be written"):
        Settings(home=tmp_path, kafka_replication=2, kafka_min_insync_replicas=3)


def test_no_secret_is_shown_when_settings_are_printed(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, token_key="very-secret", postgres_url="postgresql://me:hidden@there/x")

    assert "very-secret" not in repr(settings)
    assert "hidden" not in repr(settings)


def test_every_setting_says_what_it_is_for() -> None:
    silent = [name for name, field in Settings.model_fields.items() if not field.description]

    assert silent == []
