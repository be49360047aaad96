"""A base backup of the running server starts by itself, with every role and every row, and the API reads from it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api.app import create_app
from api.http.tokens import AccessTokens
from api.store.store import Store
from api.wsgi import connect_to, now
from ops.home import ServiceUser
from ops.local import server_software
from ops.local.stack_folders import owned_folder
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.shops import Shop
from tests.integration.api.test_row_level_security import owned_tables
from tests.support.free_port import free_port
from tests.support.standby_pair import Server

pytestmark = pytest.mark.servers


@dataclass
class Copy(Server):
    original: str = ""

    @property
    def url(self) -> str:
        return make_conninfo(self.original, port=self.port)


@pytest.fixture
def copy(settings: Settings) -> Iterator[Copy]:
    """Not there yet; gone afterwards."""
    user, folder = ServiceUser.choose(settings.service_user), settings.folder
    root = folder.root / f"backup-{uuid4().hex[:8]}"
    owned_folder(root, user)
    programs = server_software.postgres(folder.software)
    made = Copy(programs, user, root / "copy", free_port(), original=settings.postgres_url)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()
    shutil.rmtree(root)


def counts(url: str) -> dict[str, int]:
    """Of the rows of every table, whoever's they are."""
    counted = {}
    with psycopg.connect(url) as connection:
        for table in owned_tables(connection):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            ((counted[table],),) = connection.execute(query).fetchall()
    return counted


def test_a_base_backup_holds_all_that_was_committed_before_it(
    shop: Shop, settings: Settings, copy: Copy, tokens: AccessTokens
) -> None:
    product = shop.product()
    order = shop.order(product["variants"][0]["sku"])
    before = counts(settings.postgres_url)

    copy.run("pg_basebackup", f"--pgdata={copy.folder}", "--checkpoint=fast", f"--dbname={settings.postgres_url}")
    later = shop.product()
    copy.configure(f"port = {copy.port}\n")
    copy.start()

    assert counts(copy.url) == before
    assert copy.ask("SELECT count(*) FROM pg_replication_slots") == 0
    assert min(before["orders"], before["products"], before["outbox"]) > 0
    store = Store(make_conninfo(settings.postgres_api_url, port=copy.port), connections=1, clock=now, duty="api")
    store.open()
    search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
    there = Shop(create_app(connect_to(store, tokens, search, sales)).test_client(), tokens, shop.tenant)
    found = [there.get(path) for path in (f"/v1/products/{product['id']}", f"/v1/orders/{order['id']}")]
    assert [answer.status_code for answer in found] == [200, 200]
    assert found[1].json == shop.get(f"/v1/orders/{order['id']}").json
    assert there.get(f"/v1/products/{later['id']}").status_code == 404
    store.close()
