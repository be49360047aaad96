from contextlib import contextmanager
from uuid import uuid4

import pytest

from api.http.tenant_cache import StoredTenants
from api.store.errors import StoreDown


class Away:
    """A store whose database does not answer."""

    asked = 0

    @contextmanager
    def reading(self, *_, **__):
        self.asked += 1
        raise StoreDown
        yield


def test_a_shop_that_was_known_stays_known_while_the_database_is_away():
    store, shop, known = Away(), uuid4(), object()
    tenants = StoredTenants(store, now_s=lambda: 1000.0)
    tenants._kept[shop] = (1.0, known)  # noqa: SLF001  # known since long

    assert tenants.by_id(shop) is known
    assert tenants.by_id(shop) is known
    assert store.asked == 1


def test_a_shop_that_was_never_seen_is_not_made_up():
    with pytest.raises(StoreDown):
        StoredTenants(Away(), now_s=lambda: 1000.0).by_id(uuid4())
