import json

from click.testing import CliRunner

from api.commands import api


def test_the_document_is_printed_without_any_server() -> None:
    done = CliRunner().invoke(api, ["openapi"])

    assert (done.exit_code, json.loads(done.output)["info"]["title"]) == (0, "RusToK")


def test_a_role_of_a_shop_needs_a_shop_and_one_of_the_platform_none() -> None:
    for arguments in (["token", "--role", "admin"], ["token", "--role", "operator", "--tenant", "cheese"]):
        assert CliRunner().invoke(api, arguments).exit_code == 2
