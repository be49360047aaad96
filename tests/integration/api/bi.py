"""Tables for BI tools, filled from a snapshot of what some shops have in PostgreSQL, and readers of them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from ops.settings import Settings
from sinks.bi import bi_readers
from sinks.bi.fill_tables import Filled, fill
from tests.integration.api.shops import Shop, imported_order, imported_product
from tests.support.snapshots_of_tables import publish_tables

Rows = list[tuple[Any, ...]]


@dataclass
class Bi:
    """Of one test. `made` are the readers to be dropped after it."""

    settings: Settings
    folder: Path
    shops: list[Shop]
    made: list[str] = field(default_factory=list)

    def publish(self) -> None:
        publish_tables(self.settings, self.folder, [shop.id for shop in self.shops])

    def fill(self) -> Filled:
        return fill(self.settings.postgres_bi_url, self.folder, "newest")

    def reader(self, shop: UUID | None) -> str:
        """The URL of a new one."""
        credentials = bi_readers.add(self.settings, shop)
        self.made.append(credentials.role)
        return credentials.url

    def asked(self, query: str, url: str = "") -> Rows:
        """As a reader of all shops, unless another URL is given."""
        with psycopg.connect(url or self.reader(None)) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


@contextmanager
def bi_of(settings: Settings, folder: Path, shops: Iterable[Shop]) -> Iterator[Bi]:
    bi = Bi(settings, folder, list(shops))
    yield bi
    for role in bi.made:
        bi_readers.drop(settings, role)


def sell_a_year(shop: Shop) -> None:
    """Orders of two currencies, with discounts, a refund, a cancelled one and a guest's."""
    shop.post("/v1/imports/products", {"items": [imported_product("p"), imported_product("q")]})
    orders = [
        imported_order("a", "p"),
        imported_order("b", "q", paid_at="2017-06-30T23:59:59Z", tax_minor=31, shipping_minor=490, discount_minor=40),
        imported_order("c", "p", currency="JPY", customer_ref="household-2"),
        imported_order("d", "q", customer_ref=None),
        imported_order("e", "p", paid_at=None, payment_id=None),
    ]
    made = shop.post("/v1/imports/orders", {"items": orders}).json["items"]
    assert shop.post(f"/v1/orders/{made[0]['id']}/ship", {}).status_code == 200
    answer = shop.post(
        f"/v1/orders/{made[0]['id']}/refund", {"reason": "came late", "lines": [{"line_no": 1, "returned": 1}]}
    )
    assert answer.status_code in (200, 201), answer.text
    answer = shop.post(f"/v1/orders/{made[3]['id']}/cancel", {"reason": "late", "refund_minor": 280})
    assert answer.status_code in (200, 201), answer.text
