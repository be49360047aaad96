"""Every version of every event, registered at our own registry, as at anybody's."""

import json
from typing import Any
from uuid import uuid4

import pytest

from api.domain.permissions import Role
from schemas import avro_schema
from tests.support.shops import token
from tests.support.stack import Stack

pytestmark = pytest.mark.chain

EVERY = len(avro_schema.every_version())


def said(stack: Stack, *arguments: str) -> Any:
    return json.loads(stack.rustok("schemas", "register", "--json", *arguments).stdout)


def test_a_context_of_its_own_gets_everything_under_the_ids_there_are(stack: Stack) -> None:
    ours = said(stack)
    apart = f"{stack.settings.api_url}/contexts/.elsewhere-{uuid4().hex[:8]}"
    to = ("--registry", apart, "--token", token(stack, role=Role.SCHEMA))

    looked_at = said(stack, *to, "--dry-run")
    written = said(stack, *to, "--compatibility", "NONE")
    again = said(stack, *to)

    assert (ours["there"], looked_at["missing"], written["registered"], again["there"]) == (EVERY,) * 4
    assert ids(written) == ids(ours) == ids(again)  # one content has one id everywhere


def test_who_may_not_write_is_told_who_may(stack: Stack) -> None:
    apart = f"{stack.settings.api_url}/contexts/.elsewhere-{uuid4().hex[:8]}"

    done = stack.rustok(
        "schemas", "register", "--registry", apart, "--token", token(stack, role=Role.OPERATOR), check=False
    )

    assert done.returncode == 2
    assert "rustok api token --role schema" in done.stderr


def ids(answer: Any) -> dict[tuple[str, int], int]:
    return {(one["event"], one["version"]): one["id"] for one in answer["versions"]}
