import json
import socket

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
        environment = {"RUSTOK_REGISTRY_PORT": str(port), "RUSTOK_TOKEN_KEY": "k" * 32}

        done = CliRunner(env=environment).invoke(api, ["registry"])

    assert isinstance(done.exception, Failure)
    assert f"Port {port} is taken" in done.exception.what
    assert "RUSTOK_REGISTRY_PORT" in done.exception.remedy
