from contextlib import contextmanager
from uuid import uuid4

import pytest

from api.http.tenant_cache import StoredTenants
from api.store.errors import StoreDown


class Away:
    """A store whose database does not answer."""

    @contextmanager
    def reading(self, *_, **__):
        raise StoreDown
        yield


def test_a_shop_that_was_never_seen_is_not_made_up():
    with pytest.raises(StoreDown):
        StoredTenants(Away(), now_s=lambda: 1000.0).by_id(uuid4())


@pytest.mark.parametrize("host", ["", "a b", "x" * 300, "[::1]:80", "%"])
def test_what_is_no_host_is_looked_up_nowhere(host):
    assert StoredTenants(Away(), now_s=lambda: 1000.0).by_host(host) is None
