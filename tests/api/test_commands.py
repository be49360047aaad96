import json
import socket
from pathlib import Path

from click.testing import CliRunner

from api.commands import api
from ops.failure import Failure


def test_the_document_is_printed_without_any_server() -> None:
    done = CliRunner().invoke(api, ["openapi"])

    assert (done.exit_code, json.loads(done.output)["info"]["title"]) == (0, "RusToK")


def test_a_role_of_a_shop_needs_a_shop_and_one_of_the_platform_none() -> None:
    for arguments in (["token", "--role", "admin"], ["token", "--role", "operator", "--tenant", "cheese"]):
        assert CliRunner().invoke(api, arguments).exit_code == 2


def test_a_server_whose_port_is_taken_says_which_and_from_what_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        keys = {"RUSTOK_TOKEN_KEY": "k" * 32, "RUSTOK_SERVICE_KEY": "s" * 32}
        environment = {"RUSTOK_REGISTRY_PORT": str(port), **keys}

        done = CliRunner(env=environment).invoke(api, ["registry"])

    assert isinstance(done.exception, Failure)
    assert f"Port {port} is taken" in done.exception.what
    assert "RUSTOK_REGISTRY_PORT" in done.exception.remedy


def test_what_is_for_development_serves_nothing_in_production() -> None:
    keys = {"RUSTOK_TOKEN_KEY": "k" * 32, "RUSTOK_SERVICE_KEY": "s" * 32}
    environment = {"RUSTOK_ENVIRONMENT": "production", "RUSTOK_TOKEN_ALGORITHM": "HS256", **keys}

    for command in ("serve", "registry"):
        done = CliRunner(env=environment).invoke(api, [command])

        assert isinstance(done.exception, Failure)
        assert "for development" in done.exception.what


def test_a_key_is_made_only_where_it_can_be_sealed(tmp_path: Path) -> None:
    done = CliRunner(env={"RUSTOK_HOME": str(tmp_path)}).invoke(api, ["keys", "rotate"])

    assert isinstance(done.exception, Failure)
    assert "RUSTOK_TOKEN_KEY" in done.exception.remedy


def test_a_database_that_is_away_is_a_sentence() -> None:
    for arguments in (["keys", "list"], ["keys", "retire", "k1"]):
        done = CliRunner(env={"RUSTOK_POSTGRES_URL": "postgresql://a:b@127.0.0.1:9/c"}).invoke(api, arguments)

        assert isinstance(done.exception, Failure)
        assert "PostgreSQL does not answer" in done.exception.what
