"""A tenant's own context: theirs and the platform's; to all others it is not there."""

from collections.abc import Callable
from uuid import UUID

import pytest

from api.domain.permissions import Role
from api.store.store import NO_TENANT, Store
from tests.integration.api.registry.calling import Caller, named, unique
from tests.integration.api.shops import Shop

pytestmark = pytest.mark.servers
As = Callable[..., Caller]


def context_of(shop: Shop) -> str:
    return f":.{shop.tenant['slug']}:"


def test_a_tenants_people_have_a_context_of_their_own(shop: Shop, as_role: As) -> None:
    admin, manager, own = as_role(Role.ADMIN, shop), as_role(Role.MANAGER, shop), context_of(shop)

    schema_id = admin.registered(f"{own}stock", unique("a"))

    for reader in (admin, manager, as_role(Role.OPERATOR)):
        assert f"{own}stock" in reader.told("GET", f"/subjects?subjectPrefix={own}")
        assert f".{shop.tenant['slug']}" in reader.told("GET", "/contexts")
        assert reader.told("GET", f"/subjects/{own}stock/versions") == [1]
        assert reader.told("GET", f"/schemas/ids/{schema_id}")["schema"]
        assert reader.told("GET", f"/contexts/.{shop.tenant['slug']}/subjects") == [f"{own}stock"]
    assert manager.refused("POST", f"/subjects/{own}stock/versions", {"schema": unique("b")}) == (403, 40301)


def test_to_other_tenants_it_is_not_there(shop: Shop, open_shop: Callable[..., Shop], as_role: As) -> None:
    own, schema = context_of(shop), unique("a")
    admin, stranger = as_role(Role.ADMIN, shop), as_role(Role.ADMIN, open_shop())
    schema_id = admin.registered(f"{own}stock", schema)
    guid = admin.told("GET", f"/schemas/ids/{schema_id}")["guid"]
    admin.told("PUT", f"/config/{own}stock", {"compatibility": "NONE"})
    admin.told("PUT", f"/mode/{own}stock", {"mode": "READWRITE"})

    assert stranger.refused("GET", f"/subjects/{own}stock/versions") == (404, 40401)
    assert stranger.refused("POST", f"/subjects/{own}stock", {"schema": schema}) == (404, 40401)
    assert stranger.refused("GET", f"/schemas/ids/{schema_id}") == (404, 40403)
    assert stranger.refused("GET", f"/schemas/ids/{schema_id}/versions") == (404, 40403)
    assert stranger.refused("GET", f"/schemas/guids/{guid}") == (404, 40403)
    assert stranger.refused("GET", f"/config/{own}stock") == (404, 40408)
    assert stranger.refused("GET", f"/mode/{own}stock") == (404, 40409)
    assert f"{own}stock" not in stranger.told("GET", "/subjects")
    assert stranger.told("GET", f"/subjects?subjectPrefix={own}") == []
    assert all(one["id"] != schema_id for one in stranger.told("GET", "/schemas"))
    assert f".{shop.tenant['slug']}" not in stranger.told("GET", "/contexts")
    references = {"schema": '"int"', "references": [{"name": "x", "subject": f"{own}stock", "version": 1}]}
    mine = context_of_caller(stranger)
    assert stranger.refused("POST", f"/subjects/{mine}s/versions", references) == (422, 42201)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/subjects/{}/versions", {"schema": '"int"'}),
        ("DELETE", "/subjects/{}", None),
        ("PUT", "/config/{}", {"compatibility": "NONE"}),
        ("DELETE", "/mode/{}", None),
    ],
)
def test_a_tenant_changes_nothing_outside_of_it(shop: Shop, as_role: As, method: str, path: str, body: object) -> None:
    admin = as_role(Role.ADMIN, shop)

    for elsewhere in (named(), ":.elsewhere:stock"):
        assert admin.refused(method, path.format(elsewhere), body) == (403, 40301)


def test_a_tenant_brings_no_ids_of_its_own(shop: Shop, as_role: As) -> None:
    admin, own = as_role(Role.ADMIN, shop), context_of(shop)

    assert admin.refused("PUT", f"/mode/{own}stock?force=true", {"mode": "IMPORT"}) == (403, 40301)


def test_a_tenant_reads_what_is_everybodys(shop: Shop, as_role: As) -> None:
    manager = as_role(Role.MANAGER, shop)

    assert manager.told("GET", "/subjects/order.placed/versions/latest")["id"]
    assert as_role(Role.CUSTOMER, shop).refused("GET", "/subjects") == (403, 40301)


def test_the_same_content_has_its_id_in_every_context(shop: Shop, as_role: As, maintainer: Caller) -> None:
    schema, own = unique("a"), context_of(shop)
    schema_id = maintainer.registered(named(), schema)

    assert as_role(Role.ADMIN, shop).registered(f"{own}stock", schema) == schema_id
    guid = maintainer.told("GET", f"/schemas/ids/{schema_id}")["guid"]
    ids = maintainer.told("GET", f"/schemas/guids/{guid}/ids")
    assert {one["context"] for one in ids} == {".", f".{shop.tenant['slug']}"}


def test_references_stay_in_the_context_they_were_made_in(shop: Shop, as_role: As) -> None:
    admin, own = as_role(Role.ADMIN, shop), context_of(shop)
    admin.registered(f"{own}part", '{"type": "fixed", "name": "n.Part", "size": 4}')
    body = {"references": [{"name": "n.Part", "subject": "part", "version": 1}]}

    schema_id = admin.registered(f"{own}whole", '{"type": "array", "items": "n.Part"}', **body)

    assert admin.told("GET", f"/schemas/ids/{schema_id}")["references"][0]["subject"] == f"{own}part"


def test_the_database_shows_it_to_nobody_else_either(
    shop: Shop, open_shop: Callable[..., Shop], as_role: As, store: Store
) -> None:
    as_role(Role.ADMIN, shop).registered(f"{context_of(shop)}stock", unique("a"))

    def seen(tenant_id: UUID, table: str) -> int:
        with store.reading(tenant_id) as connection:
            asked = f"SELECT count(*) FROM {table} WHERE context = %s"
            row = connection.execute(asked, (f".{shop.tenant['slug']}",)).fetchone()
            return 0 if row is None else int(row[0])

    for table in ("schema_versions", "registry_subjects", "registry_changes"):
        assert seen(shop.id, table) == 1, table
        assert seen(open_shop().id, table) == 0, table
        assert seen(NO_TENANT, table) == 0, table


def context_of_caller(caller: Caller) -> str:
    """The context that an admin's refusal names."""
    told = caller.call("DELETE", "/subjects/x").get_json(force=True)["message"]
    return f":{told.split()[-1].rstrip('.')}:"
