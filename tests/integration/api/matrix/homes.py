"""Where things belong in the matrix: to a shop, or to the platform itself; and how one of each is made there.

Whatever is made says whose it is by its home's mark, so that it is found wherever it comes out.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import jwt
import psycopg
from flask.testing import FlaskClient
from psycopg.types.json import Jsonb
from werkzeug.test import TestResponse

from api.payment_providers.simulated_provider import TestToken
from api.use_cases.users.hash_passwords import PasswordHashes
from schemas import outbox_row
from schemas.envelope import timestamp
from schemas.event_json import to_json
from schemas.events.order import AGGREGATE, OrderPaid
from schemas.topics import of_aggregate
from tests.integration.api.people import PASSWORD, Mailbox
from tests.integration.api.shops import Shop, product_body
from tests.support.examples import MOMENT, newest, order

ORDER = uuid4()
#: What a dead letter may be edited to.
_STATES = ("pending", "confirmed", "paid", "shipped")
_STEPS: tuple[tuple[str, dict[str, str] | None], ...] = (("confirm", None), ("pay", {"payment_id": "p1"}), ("ship", {}))
EVENT = to_json(OrderPaid(order=order(id=ORDER)))
#: By subject, what its first version is, wherever it is.
SCHEMAS: dict[str, str] = {}
HASH = PasswordHashes(1).make(PASSWORD)
#: By id, the slugs of shops that were opened to be changed.
SLUGS: dict[str, str] = {}
#: By id, the tokens of visitors' carts.
CART_TOKENS: dict[str, str] = {}
#: Of a shop, the newest that are not verified yet.
_KEPT_DOMAINS = 8
#: How the domains begin that tests give a shop, beside the one it was opened with.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_MADE = "made-"
_numbers = count()


def made_domain() -> str:
    """Of a test; the shop drops it when later tests need the room."""
    return f"{_MADE}{uuid4().hex[:12]}.example"


def made_mark() -> str:
    """One word, whoever reads it: letters and digits would be two for the search."""
    return f"mark{uuid4().hex[:12].translate(_LETTERS)}"


@dataclass(frozen=True)
class Person:
    """Who came by invitation, and the tokens of their first session."""

    id: str
    email: str
    access_token: str
    refresh_token: str

    @property
    def session_id(self) -> str:
        claims = jwt.decode(self.access_token, options={"verify_signature": False})
        return str(claims["sid"])


@dataclass
class Home:
    """`shop` is None for the platform. `hidden`: the mark of what is in the shop and not for everybody there.

    `in_search`: the id of the product that search shows.
    """

    client: FlaskClient
    postgres: psycopg.Connection[Any]
    mailbox: Mailbox
    boss: Mapping[str, str]
    #: What says that the platform's own people ask.
    platform: Mapping[str, str]
    shop: Shop | None = None
    mark: str = field(default_factory=made_mark)
    hidden: str = field(default_factory=lambda: f"hidden{uuid4().hex[:10]}")
    in_search: str | None = None

    @property
    def cause(self) -> str:
        """Of its dead letters: whoever asks for it has it written down, so it is not the mark."""
        return self.mark.replace("mark", "cause")

    @property
    def slug(self) -> str:
        assert self.shop is not None
        return str(self.shop.tenant["slug"])

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        """As its boss."""
        sent = {} if body is None else {"json": body}
        return self.client.open(path, method=method, headers=self._as(self.boss), **sent)  # type: ignore[arg-type]

    def _as(self, who: Mapping[str, str]) -> dict[str, str]:
        """They say why in the home's own word: what is written down of it has its mark."""
        return {**who, "X-Reason": self.mark}

    def told(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        return answer.get_json(force=True) if answer.data else None

    def one_of_each(self) -> None:
        for make in (
            self.category,
            self.collection,
            self.content,
            self.order,
            self.cart,
            self.shipping,
            self.discount,
            self.paid_order,
            self.location,
            self.stock,
            self.price_list,
            self.search_setting,
            self.dead_letter,
            self.service_token,
            self.webhook,
            self.role,
            self.user,
            self.subject,
        ):
            make()  # type: ignore[operator]  # none of them needs anything

    def name(self, *, hidden: bool = False) -> str:
        return f"{self.hidden if hidden else self.mark}-{next(_numbers)}"

    def category(self) -> str:
        name = self.name()
        body = {"external_id": name, "translations": [{"locale": "en", "name": name}]}
        return str(self.told("POST", "/v1/categories", body)["id"])

    def product(self, *, active: bool, hidden: bool = False) -> dict[str, Any]:
        """Only an active one is for everybody; one that stays a draft is to be hidden."""
        name = self.name(hidden=hidden)
        variants = [{"sku": name, "prices": [{"currency": "EUR", "amount_minor": 150}]}]
        body = product_body(translations=[{"locale": "en", "title": name}], variants=variants, external_id=name)
        made = self.told("POST", "/v1/products", body)
        if active:
            self.told("POST", f"/v1/products/{made['id']}/publish")
        return dict(made)

    def collection(self, *, active: bool = True, hidden: bool = False) -> dict[str, Any]:
        """Of one product that everybody sees; one that stays a draft is to be hidden itself."""
        name = self.name(hidden=hidden)
        chosen = [self.product(active=True)["id"]]
        body = {"translations": [{"locale": "en", "title": name}], "external_id": name, "product_ids": chosen}
        made = self.told("POST", "/v1/collections", body)
        if active:
            self.told("POST", f"/v1/collections/{made['id']}/publish")
        return dict(made)

    def content(self, status: str = "published", *, hidden: bool = False, kind: str = "page") -> dict[str, Any]:
        """A page at the top, or a post."""
        name = self.name(hidden=hidden)
        body = {"kind": kind, "translations": [{"locale": "en", "title": name, "body": name}]}
        made = self.told("POST", "/v1/pages", body)
        for step in {"draft": (), "published": ("publish",), "archived": ("publish", "archive")}[status]:
            self.told("POST", f"/v1/pages/{made['id']}/{step}")
        return dict(made)

    def sku(self) -> str:
        return str(self.product(active=True)["variants"][0]["sku"])

    def order(self, status: str = "pending") -> str:
        """Nobody's in the shop but the shop's."""
        lines = [{"sku": self.sku(), "quantity": 1}]
        named = {"external_id": self.name(hidden=True), "contact": {"name": self.name(hidden=True)}}
        made = self.told("POST", "/v1/orders", {"lines": lines, **named})
        for step, body in _STEPS[: _STATES.index(status)]:
            self.told("POST", f"/v1/orders/{made['id']}/{step}", body)
        return str(made["id"])

    def cart(self, of: Mapping[str, str] | None = None, *, hidden: bool = False) -> str:
        """The shop's, or of who comes with these headers: the token of a visitor's is kept."""
        body: dict[str, Any] = {"lines": [{"sku": self.sku(), "quantity": 1}], "country": "AT"}
        if of is None:
            return str(self.told("POST", "/v1/carts", {**body, "customer_ref": self.name(hidden=hidden)})["id"])
        made = self.client.post("/v1/carts", json=body, headers=dict(of)).json
        if made["token"]:
            CART_TOKENS[made["id"]] = made["token"]
        return str(made["id"])

    def discount_body(self) -> dict[str, Any]:
        return {"code": self.name(), "kind": "free_shipping"}

    def discount(self) -> str:
        return str(self.told("POST", "/v1/discounts", self.discount_body())["id"])

    def shipping_method(self) -> dict[str, Any]:
        """One that no cart has to be sent by."""
        names = [{"locale": "en", "name": self.name()}]
        return {"code": "post", "names": names, "prices": [{"currency": "EUR", "amount_minor": 0}], "active": False}

    def shipping(self) -> None:
        self.told("PUT", "/v1/checkout/shipping", {"methods": [self.shipping_method()]})

    def claim_token(self) -> str:
        """Of an order of nobody's."""
        assert self.shop is not None
        body = {"lines": [{"sku": self.sku(), "quantity": 1}], "contact": {"email": f"{self.name()}@people.example"}}
        made = self.client.post("/v1/orders/guest", json=body, headers=self.shop.headers("anonymous"))
        assert made.status_code == 201, made.text
        return str(made.json["claim_token"])

    def paid_order(self) -> str:
        return self.payment(self.order())

    def paid_for(self) -> str:
        """An order that was paid through the provider."""
        made = self.order()
        self.payment(made)
        return made

    def payment(self, order_id: str, who: Mapping[str, str] | None = None) -> str:
        """Of an order of its own, if nobody says which."""
        body = {"token": TestToken.SUCCESS}
        answer = self.client.post(f"/v1/orders/{order_id}/payments", json=body, headers=self._as(who or self.boss))
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def refused_refund(self, payment_id: str) -> str:
        """Money of a payment that the provider does not send back."""
        order_id = self.told("GET", f"/v1/payments/{payment_id}")["order_id"]
        self.told("POST", f"/v1/orders/{order_id}/refund", {"reason": self.name(), "other_minor": 1})
        refused = self.postgres.execute(
            "UPDATE payment_refunds SET state = 'failed', error = 'closed', next_try_at = NULL"
            " WHERE payment_id = %s AND state = 'due' RETURNING id",
            (payment_id,),
        ).fetchone()
        assert refused is not None
        return str(refused[0])

    def location(self) -> str:
        return str(self.told("POST", "/v1/locations", {"name": self.name()})["id"])

    def stock(self) -> str:
        body = {"sku": self.sku(), "on_hand": 5, "location_id": self.location()}
        return str(self.told("POST", "/v1/stock", body)["id"])

    def price_list(self) -> str:
        made = self.told("POST", "/v1/price-lists", {"name": self.name()})
        self.told("PATCH", f"/v1/price-lists/{made['id']}/prices", {"items": [{"sku": self.sku(), "amount_minor": 1}]})
        return str(made["id"])

    def search_setting_body(self) -> dict[str, Any]:
        return {"name": self.name(), "synonyms": {"words": ["sofa", "couch"]}}

    def search_setting(self) -> str:
        return str(self.told("POST", "/v1/search/settings", self.search_setting_body())["id"])

    def dead_letter(self) -> str:
        tenant = UUID(int=0) if self.shop is None else self.shop.id
        headers = {
            **dict.fromkeys((name for name, _ in outbox_row.HEADERS), "1"),
            **dict.fromkeys(("ce_id", "ce_aggregateid", "ce_subject"), str(ORDER)),
            "ce_type": "order.paid",
            "ce_time": timestamp(MOMENT),
            "ce_tenantid": str(tenant),
            "ce_schemaversion": str(newest("order.paid")),
        }
        encoded = [[name, b64encode(value.encode()).decode()] for name, value in headers.items()]
        (made,) = self.postgres.execute(
            """
            INSERT INTO dead_letters (id, tenant_id, feed, topic, "partition", "offset", record_key, headers,
                committed_at, parked, event_type, error, reason, pattern, cause, attempts, first_failed_at,
                last_failed_at, state)
            VALUES (gen_random_uuid(), %s, %s, %s, 0, %s, '', %s, now(), false, 'order.paid', 'E', 'r', 'r', %s, 1,
                now(), now(), 'open') RETURNING id
            """,
            (
                None if self.shop is None else tenant,
                self.name(),
                of_aggregate(AGGREGATE.name),
                uuid4().int % 2**62,
                Jsonb(encoded),
                self.cause,
            ),
        ).fetchone() or ("",)
        return str(made)

    def rebuild(self, *, goes_on: bool) -> str:
        """The name of a read model of which nothing was asked for yet, or something that nobody has begun."""
        self.forget_rebuilds()
        if goes_on:
            self.postgres.execute(
                "INSERT INTO rebuild_requests (model, id, action, hold, state, asked_by, asked_at)"
                " VALUES ('searches', gen_random_uuid(), 'start', false, 'waiting', 'olga', now())"
            )
        return "searches"

    def forget_rebuilds(self) -> None:
        self.postgres.execute("DELETE FROM rebuild_requests")

    def tenant(self, *, new: bool) -> str:
        """The shop itself, or one that was opened for this."""
        if not new and self.shop is not None:
            return str(self.shop.id)
        body = {"slug": f"made-{uuid4().hex[:12]}", "name": self.mark}
        answer = self.client.post("/v1/tenants", json=body, headers=self._as(self.platform))
        SLUGS[answer.json["id"]] = body["slug"]
        return str(answer.json["id"])

    def domain(self, tenant_id: str | None = None) -> str:
        """Of the shop, or of that one."""
        body = {"domain": made_domain()}
        path, who = "/v1/shop/domains", self.boss
        if tenant_id is not None:
            path, who = f"/v1/tenants/{tenant_id}/domains", self.platform
        listed = self.client.get(path, headers=self._as(who)).json["items"]
        claimed = sorted((one for one in listed if one["proof"]), key=lambda one: one["proof"]["claimed_at"])
        verified = [one for one in listed if not one["proof"] and one["domain"].startswith(_MADE)]
        for one in verified + claimed[:-_KEPT_DOMAINS]:  # of other tests: a shop has only so many
            self.client.delete(f"{path}/{one['domain']}", headers=self._as(who))
        answer = self.client.post(path, json=body, headers=self._as(who))
        assert answer.status_code == 201, answer.text
        return body["domain"]

    def service_token(self) -> str:
        return str(self.told("POST", "/v1/service-tokens", {"name": self.name(), "kind": "search"})["id"])

    def webhook_body(self) -> dict[str, Any]:
        """One that is off: nobody sends anything there."""
        url = f"https://{self.name()}.example/hook"
        return {"url": url, "event_types": ["order.*"], "description": self.mark, "active": False}

    def webhook(self) -> str:
        return str(self.told("POST", "/v1/webhooks", self.webhook_body())["id"])

    def role(self, *grants: Mapping[str, Any]) -> str:
        wanted = grants or ({"resource": "orders", "actions": ["read"]},)
        return str(self.told("POST", "/v1/roles", {"name": self.name(), "grants": wanted})["id"])

    def user(self, role: str | None = None, **more: Any) -> dict[str, Any]:
        """Who was invited and has not come."""
        name = self.name()
        body = {"email": f"{name}@people.example", "name": name, "role": role or self.lowest_role, **more}
        return dict(self.told("POST", "/v1/users", body))

    def person(self, role: str | None = None, **more: Any) -> Person:
        email = str(self.user(role, **more)["email"])
        return self.come(email)

    def come(self, email: str) -> Person:
        """Who was invited sets a password and signs in."""
        body = {"token": self.mailbox.token(email, "invitation"), "password": PASSWORD}
        assert self.client.post("/v1/auth/password", json=body).status_code == 204
        return self.signed_in(email)

    def has_password(self, email: str) -> None:
        """Whatever they chose meanwhile."""
        self.postgres.execute("UPDATE users SET password_hash = %s WHERE email = %s", (HASH, email))

    def signed_in(self, email: str) -> Person:
        self.has_password(email)
        shop = {} if self.shop is None else {"shop": self.slug}
        given = self.client.post("/v1/auth/login", json={"email": email, "password": PASSWORD, **shop})
        assert given.status_code == 200, given.text
        access = given.json["access_token"]
        user_id = jwt.decode(access, options={"verify_signature": False})["sub"]
        return Person(user_id, email, access, given.json["refresh_token"])

    @property
    def lowest_role(self) -> str:
        return "operator" if self.shop is None else "customer"

    def subject(self, *also: str) -> str:
        """With one version; `also` what is set for it: `config`, `mode`."""
        subject = self.new_subject()
        SCHEMAS[subject] = schema(self.schema_name())
        self.told("POST", f"/subjects/{subject}/versions", {"schema": SCHEMAS[subject]})
        if "config" in also:
            self.told("PUT", f"/config/{subject}", {"compatibility": "NONE"})
        if "mode" in also:
            self.told("PUT", f"/mode/{subject}", {"mode": "READWRITE"})
        return subject

    def new_subject(self) -> str:
        """That nobody has registered."""
        name = f"subject-{uuid4().hex[:12]}"
        return name if self.shop is None else f":.{self.slug}:{name}"

    def schema_name(self) -> str:
        """What is in the default context is for everybody, so it has no mark."""
        return f"{'Shared' if self.shop is None else self.mark}_{uuid4().hex[:12]}"

    def schema_id(self) -> str:
        found = self.told("GET", f"/subjects/{self.subject()}/versions/1")
        return str(found["id"])

    def guid(self) -> str:
        return str(self.told("GET", f"/schemas/ids/{self.schema_id()}")["guid"])


def schema(name: str) -> str:
    return json.dumps({"type": "record", "name": name, "fields": []})
