import json

import pytest

from api.http.tokens import AccessTokens
from tests.integration.api.shops import Shop
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_a_token_from_the_command_line_opens_the_shop_it_names(
    shop: Shop, servers: Stack, tokens: AccessTokens
) -> None:
    slug = shop.tenant["slug"]

    issued = json.loads(servers.rustok("api", "token", "--tenant", slug, "--actor", "anna", "--json").stdout)

    actor = tokens.verify(issued[slug])
    assert (actor.tenant_id, actor.role, actor.actor_id) == (shop.id, "admin", "anna")
    answer = shop.client.get("/v1/products", headers={"Authorization": f"Bearer {issued[slug]}"})
    assert answer.status_code == 200


def test_a_shop_that_is_not_there_is_a_sentence(servers: Stack, settings: object) -> None:
    done = servers.rustok("api", "token", "--tenant", "nowhere", check=False)

    assert done.returncode == 2
    assert "There is no tenant nowhere." in done.stderr
