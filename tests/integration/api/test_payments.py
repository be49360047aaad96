"""Payments over the API: one charge or none, whoever asks, hears or is killed; what is not wanted goes back."""

import gzip
import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from werkzeug.test import TestResponse

from api.app import create_app
from api.domain.payment_provider import Charge, Declined, MoneyBack, NotSentBack, Succeeded
from api.http.tokens import AccessTokens
from api.jobs import expire_orders, settle_payments
from api.payment_providers.choose_provider import desk_with
from api.payment_providers.simulated_provider import SimulatedProvider, TestToken
from api.reemit.write_model_tables import Tables
from api.store.store import Store
from api.use_cases.payments.payment_desk import PaymentDesk
from api.wsgi import connect_to, now
from ops.sealed_secrets import Seal
from ops.settings import Settings
from sinks.analytics.sales_questions import SalesReader
from sinks.search.product_questions import ProductSearch
from tests.integration.api.outbox import left
from tests.integration.api.served import serving
from tests.integration.api.shops import Shop
from tests.support import filed_provider
from tests.support.payment_providers import SECRET, Ledger, desk, nowhere, took, waits
from tests.support.stack import Stack
from tests.support.waiting import wait_until

pytestmark = pytest.mark.servers

TEST = SimulatedProvider(SECRET, nowhere)
TOKEN = "tok_4711_secret"
LATER = timedelta(minutes=20)


class Killed(BaseException):
    """What is left of a process that ends in the middle."""


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def asked(ledger: Ledger) -> PaymentDesk:
    return desk(ledger, answer_s=5)


@pytest.fixture
def paying(
    settings: Settings, store: Store, tokens: AccessTokens, shop: Shop, asked: PaymentDesk
) -> Callable[..., Shop]:
    """A shop as another process of the API has it."""

    def make(of: Shop = shop, at: PaymentDesk = asked) -> Shop:
        search, sales = ProductSearch(settings.opensearch_url), SalesReader(settings.analytics_dir)
        app = create_app(connect_to(store, tokens, search, sales, payments=at))
        return Shop(app.test_client(), tokens, of.tenant)

    return make


@pytest.fixture
def till(paying: Callable[..., Shop]) -> Shop:
    return paying()


@pytest.fixture
def scheduler(settings: Settings) -> Iterator[Store]:
    """As the scheduler has it, with a role of its own."""
    made = Store(settings.postgres_scheduler_url, connections=2, clock=now, duty="scheduler")
    made.open()
    yield made
    made.close()


def placed(shop: Shop, **how: Any) -> str:
    sku = shop.product()["variants"][0]["sku"]
    answer = shop.post("/v1/orders", {"lines": [{"sku": sku, "quantity": 2}]}, **how)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def pay(shop: Shop, order_id: str, token: str = TOKEN, **how: Any) -> TestResponse:
    return shop.post(f"/v1/orders/{order_id}/payments", {"token": token}, **how)


def heard(client: FlaskClient, signed: tuple[dict[str, str], bytes], **how: Any) -> TestResponse:
    headers, body = signed
    return client.post("/v1/payments/webhooks/test", headers={**headers, **how}, data=body)


def success(payment: Any, amount: int | None = None) -> Succeeded:
    amount_minor = payment["amount_minor"] if amount is None else amount
    return Succeeded(reference="ref/hook", amount_minor=amount_minor, currency=payment["currency"])


def shown(shop: Shop, order_id: str) -> list[Any]:
    return list(shop.get(f"/v1/orders/{order_id}/payments").json["items"])


def told(postgres: psycopg.Connection, shop: Shop, id_: str) -> list[str]:
    return [one.type for one in left(postgres, shop.id, id_)]


def status(shop: Shop, order_id: str) -> str:
    return str(shop.get(f"/v1/orders/{order_id}").json["status"])


def test_a_pending_order_is_confirmed_and_paid_by_a_payment(
    till: Shop, ledger: Ledger, postgres: psycopg.Connection
) -> None:
    order_id = placed(till)

    answer = pay(till, order_id, Idempotency_Key="k1")
    again = pay(till, order_id, Idempotency_Key="k1")

    assert (answer.status_code, answer.json["status"]) == (201, "succeeded"), answer.text
    assert (answer.json["amount_minor"], answer.json["received_minor"], answer.json["currency"]) == (300, 300, "EUR")
    assert (again.status_code, again.json) == (201, answer.json)
    assert till.get(answer.headers["Location"]).json["id"] == answer.json["id"]
    order = till.get(f"/v1/orders/{order_id}").json
    assert (order["status"], order["payment_id"]) == ("paid", answer.json["id"])
    assert told(postgres, till, order_id) == ["order.placed", "order.confirmed", "order.paid"]
    assert told(postgres, till, answer.json["id"]) == ["payment.started", "payment.succeeded"]
    assert (ledger.taken_for(order_id), ledger.asked[UUID(order_id)]) == (1, 1)
    assert pay(till, order_id).get_json(force=True)["code"] == "nothing_to_pay"


def test_a_decline_says_so_leaves_the_order_as_it_was_and_another_try_is_good(till: Shop, ledger: Ledger) -> None:
    order_id = placed(till)
    ledger.answer = lambda _: Declined(reason="insufficient_funds")

    declined = pay(till, order_id, Idempotency_Key="k1")
    again = pay(till, order_id, Idempotency_Key="k1")

    problem = declined.get_json(force=True)
    assert (declined.status_code, problem["code"], problem["errors"][0]["code"]) == (
        402,
        "payment_declined",
        "insufficient_funds",
    )
    assert declined.content_type == "application/problem+json"
    assert (again.status_code, ledger.asked[UUID(order_id)]) == (402, 1)
    assert status(till, order_id) == "pending"
    ledger.answer = took
    assert pay(till, order_id).status_code == 201
    assert [one["status"] for one in shown(till, order_id)] == ["succeeded", "declined"]
    assert [one["status"] for one in till.get("/v1/payments?status=declined").json["items"]] == ["declined"]


def test_a_webhook_tells_of_a_payment_that_waits_and_its_replay_does_nothing(
    till: Shop, ledger: Ledger, postgres: psycopg.Connection
) -> None:
    order_id = placed(till)
    ledger.answer = waits

    waiting = pay(till, order_id)
    other = pay(till, order_id)
    signed = TEST.webhook(UUID(waiting.json["id"]), success(waiting.json))
    answers = [heard(till.client, signed) for _ in range(2)]

    assert (waiting.status_code, waiting.json["status"]) == (202, "started")
    assert (other.status_code, other.get_json(force=True)["code"]) == (409, "payment_under_way")
    assert [(one.status_code, one.json) for one in answers] == [(200, {"known": True})] * 2
    assert told(postgres, till, order_id) == ["order.placed", "order.confirmed", "order.paid"]
    assert [one["status"] for one in shown(till, order_id)] == ["succeeded"]


def test_of_fifty_webhooks_and_returns_at_once_the_order_is_paid_once(
    paying: Callable[..., Shop], ledger: Ledger, postgres: psycopg.Connection
) -> None:
    one, other = paying(), paying()
    order_id = placed(one)
    ledger.answer = waits
    payment = pay(one, order_id, Idempotency_Key="k").json
    ledger.answer = took

    def call(number: int) -> int:
        process = (one, other)[number % 2]
        if number % 3:
            return heard(process.client, TEST.webhook(UUID(payment["id"]), success(payment))).status_code
        return pay(process, order_id, Idempotency_Key="k").status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(call, range(50)))

    assert set(statuses) <= {200, 201}, statuses
    assert told(postgres, one, order_id) == ["order.placed", "order.confirmed", "order.paid"]
    assert told(postgres, one, payment["id"]) == ["payment.started", "payment.succeeded"]
    assert ledger.taken_for(order_id) == 1


def test_of_many_who_pay_at_once_one_does(till: Shop, ledger: Ledger) -> None:
    order_id = placed(till)

    with ThreadPoolExecutor(16) as pool:
        statuses = Counter(pool.map(lambda _: pay(till, order_id).status_code, range(30)))

    assert (statuses[201], statuses[201] + statuses[409]) == (1, 30)
    assert ledger.taken_for(order_id) == 1


def test_a_webhook_may_come_before_the_answer(till: Shop, ledger: Ledger, postgres: psycopg.Connection) -> None:
    order_id = placed(till)

    def first(charge: Charge) -> None:
        assert heard(till.client, TEST.webhook(charge.payment_id, took(charge))).status_code == 200

    ledger.after = first

    answer = pay(till, order_id)

    assert (answer.status_code, answer.json["status"]) == (201, "succeeded")
    assert told(postgres, till, order_id)[-1:] == ["order.paid"]
    assert told(postgres, till, answer.json["id"]) == ["payment.started", "payment.succeeded"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_is_killed_while_the_provider_is_asked_leaves_one_charge_for_who_asks_again(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store, when: str
) -> None:
    order_id = placed(till)

    def die(_: Charge) -> None:
        raise Killed

    setattr(ledger, when, die)
    killed = pay(till, order_id, Idempotency_Key="k")
    setattr(ledger, when, lambda _: None)

    settle_payments.ask_again(scheduler, asked, now())
    too_early = ledger.asked[UUID(order_id)] - 1
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: settle_payments.ask_again(scheduler, asked, now() + LATER), range(4)))
    again = pay(till, order_id, Idempotency_Key="k")

    assert (killed.status_code, killed.get_json(force=True)["code"]) == (503, "payment_provider_unavailable")
    assert int(killed.headers["Retry-After"]) > 0
    assert (too_early, ledger.taken_for(order_id)) == (0, 1)
    assert sum(done) >= 1
    assert (again.status_code, again.json["status"], status(till, order_id)) == (201, "succeeded", "paid")


def test_a_process_that_is_killed_while_it_asks_the_provider_leaves_one_charge(
    servers: Stack, settings: Settings, shop: Shop, scheduler: Store, tmp_path: Path
) -> None:
    """The API as it is run, with kill -9 before and after the money was taken. The scheduler finds out."""
    provider = filed_provider.FiledProvider(tmp_path)
    bare = PaymentDesk(seal=Seal(settings.payment_key.get_secret_value()), ask_again=timedelta(seconds=30))
    desk_of_scheduler = desk_with(bare, filed_provider.NAME, provider, 5)
    orders = {where: placed(shop) for where in ("before", "after")}
    for where, order_id in orders.items():
        (tmp_path / f"{where}-{order_id}").touch()
    environment = {**filed_provider.install(tmp_path), "RUSTOK_API_WORKERS": "1"}

    with serving(servers, environment) as served, ThreadPoolExecutor(2) as buyers:
        clicks = [
            buyers.submit(
                httpx.post,
                f"{served.url}/v1/orders/{order_id}/payments",
                json={"token": TOKEN},
                headers=shop.headers("admin"),
                timeout=60,
            )
            for order_id in orders.values()
        ]
        stopped = [tmp_path / f"stopped-{order_id}" for order_id in orders.values()]
        wait_until(lambda: all(one.exists() for one in stopped), 30, "the provider is asked about both")
        for pid in (served.process.pid, int(stopped[0].read_text())):
            os.kill(pid, signal.SIGKILL)
        for click in clicks:
            with pytest.raises(httpx.TransportError):
                click.result(60)
    taken = set(provider.taken())
    tried = {where: shown(shop, order_id) for where, order_id in orders.items()}
    for path in (*tmp_path.glob("before-*"), *tmp_path.glob("after-*")):
        path.unlink()
    for _ in range(2):
        settle_payments.ask_again(scheduler, desk_of_scheduler, now() + LATER)

    assert {where: [one["status"] for one in found] for where, found in tried.items()} == {
        "before": ["started"],
        "after": ["started"],
    }
    assert taken == {tried["after"][0]["id"]}
    assert {one["id"] for found in tried.values() for one in found} <= set(provider.taken())
    for order_id in orders.values():
        assert [one["status"] for one in shown(shop, order_id)] == ["succeeded"]
        assert status(shop, order_id) == "paid"


def test_who_is_killed_between_the_answer_and_settling_it_leaves_one_charge(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store, postgres: psycopg.Connection
) -> None:
    """The database is as it was when the process wrote the payment down, and the money is taken."""
    order_id = placed(till)
    ledger.answer = waits
    payment = pay(till, order_id).json
    ledger.answer = took

    settle_payments.ask_again(scheduler, asked, now() + LATER)
    settle_payments.ask_again(scheduler, asked, now() + 2 * LATER)

    assert (ledger.taken_for(order_id), ledger.asked[UUID(order_id)]) == (1, 2)
    assert [one["status"] for one in shown(till, order_id)] == ["succeeded"]
    (row,) = postgres.execute("SELECT sealed_token, next_ask_at FROM payments WHERE id = %s", (payment["id"],))
    assert row == (None, None)


def test_a_provider_that_hangs_costs_its_time_and_then_nothing(
    paying: Callable[..., Shop], ledger: Ledger, postgres: psycopg.Connection
) -> None:
    hung = desk(ledger, answer_s=0.05)
    till = paying(at=hung)
    released = ledger.before = lambda _: _hang(postgres)
    orders = [placed(till) for _ in range(4)]

    statuses = [pay(till, one).status_code for one in orders]
    asked = ledger.asked.total()

    assert statuses == [503] * 4
    assert asked == 3  # the fourth is refused before anything is written down
    assert [status(till, one) for one in orders] == ["pending"] * 4
    assert [len(shown(till, one)) for one in orders] == [1, 1, 1, 0]
    assert released is ledger.before


def _hang(postgres: psycopg.Connection) -> None:
    with psycopg.connect(postgres.info.dsn, password=postgres.info.password) as connection:
        connection.execute("SELECT pg_sleep(0.5)")


@pytest.mark.parametrize("wrong", [{"amount": 301}, {"amount": 1}])
def test_money_of_another_amount_goes_back_and_the_order_waits(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store, wrong: dict[str, int]
) -> None:
    order_id = placed(till)
    ledger.answer = lambda charge: Succeeded(reference="r", amount_minor=wrong["amount"], currency="EUR")

    answer = pay(till, order_id)
    settle_payments.send_all_back(scheduler, asked, now() + LATER)

    assert (answer.status_code, answer.json["status"]) == (201, "returning")
    assert [(one["reason"], one["state"]) for one in answer.json["refunds"]] == [("wrong_amount", "due")]
    assert status(till, order_id) == "pending"
    assert shown(till, order_id)[0]["status"] == "refunded"
    assert [back.amount_minor for back in ledger.sent_of(answer.json["id"])] == [wrong["amount"]]


def test_nonsense_leaves_the_payment_started_and_the_order_as_it_was(till: Shop, ledger: Ledger) -> None:
    order_id = placed(till)
    ledger.answer = lambda charge: Succeeded(reference="r", amount_minor=300, currency="USD")

    answer = pay(till, order_id)

    assert answer.status_code == 503
    assert ([one["status"] for one in shown(till, order_id)], status(till, order_id)) == (["started"], "pending")


def test_a_success_for_an_order_that_expired_goes_back_by_itself(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store, postgres: psycopg.Connection
) -> None:
    sku = till.product()["variants"][0]["sku"]
    till.post("/v1/stock", {"sku": sku, "on_hand": 5})
    order_id = str(till.order(sku)["id"])
    ledger.answer = waits
    payment = pay(till, order_id).json
    expire_orders.expire_all(scheduler, now() + timedelta(seconds=1))

    heard(till.client, TEST.webhook(UUID(payment["id"]), success(payment)))
    returning = till.get(f"/v1/payments/{payment['id']}").json
    settle_payments.send_all_back(scheduler, asked, now() + LATER)
    settle_payments.send_all_back(scheduler, asked, now() + 2 * LATER)

    assert (status(till, order_id), returning["status"], returning["refunds"][0]["reason"]) == (
        "cancelled",
        "returning",
        "not_wanted",
    )
    by_now = till.get(f"/v1/payments/{payment['id']}").json
    assert (by_now["status"], by_now["refunded_minor"], by_now["refunds"][0]["state"]) == ("refunded", 300, "done")
    assert [back.amount_minor for back in ledger.sent_of(payment["id"])] == [300]
    assert told(postgres, till, payment["id"]) == ["payment.started", "payment.succeeded", "payment.refunded"]


def test_a_success_after_a_decline_pays_and_what_nobody_finishes_is_declined(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store
) -> None:
    order_id = placed(till)
    ledger.answer = waits
    payment = pay(till, order_id).json

    settle_payments.ask_again(scheduler, asked, now() + timedelta(minutes=5))
    early = till.get(f"/v1/payments/{payment['id']}").json
    settle_payments.ask_again(scheduler, asked, now() + timedelta(hours=2))
    expired = till.get(f"/v1/payments/{payment['id']}").json
    heard(till.client, TEST.webhook(UUID(payment["id"]), Declined(reason="too_late")))
    heard(till.client, TEST.webhook(UUID(payment["id"]), success(payment)))

    assert [(one["status"], one["decline_reason"]) for one in (early, expired)] == [
        ("started", None),
        ("declined", "expired"),
    ]
    assert (shown(till, order_id)[0]["status"], status(till, order_id)) == ("succeeded", "paid")


def test_what_is_refunded_and_cancelled_goes_back_through_the_provider(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store
) -> None:
    order_id = placed(till)
    payment = pay(till, order_id).json

    till.post(f"/v1/orders/{order_id}/refund", {"reason": "broken", "other_minor": 100})
    ledger.refuse_refunds = True
    settle_payments.send_all_back(scheduler, asked, now() + LATER)
    away = shown(till, order_id)[0]
    ledger.refuse_refunds = False
    assert till.post(f"/v1/orders/{order_id}/cancel", {"reason": "nothing left"}).status_code == 200
    for turn in range(2, 5):
        settle_payments.send_all_back(scheduler, asked, now() + turn * LATER)

    assert ([one["state"] for one in away["refunds"]], away["refunded_minor"]) == (["due"], 0)
    by_now = till.get(f"/v1/payments/{payment['id']}").json
    assert [(one["amount_minor"], one["reason"], one["state"]) for one in by_now["refunds"]] == [
        (100, "order_refunded", "done"),
        (200, "order_cancelled", "done"),
    ]
    assert (by_now["status"], by_now["refunded_minor"]) == ("refunded", 300)
    assert Counter(back.amount_minor for back in ledger.sent_of(payment["id"])) == {100: 1, 200: 1}
    assert {back.reference for back in ledger.sent_of(payment["id"])} == {f"ref/{payment['id']}"}


def test_what_a_provider_refuses_for_good_has_failed_and_is_not_tried_again(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store
) -> None:
    order_id = placed(till)
    pay(till, order_id)
    till.post(f"/v1/orders/{order_id}/cancel", {"reason": "r"})
    tried: list[UUID] = []

    def refuse(back: MoneyBack) -> NotSentBack:
        tried.append(back.refund_id)
        return NotSentBack(reason="account_closed")

    ledger.refund = refuse  # type: ignore[method-assign, assignment]

    settle_payments.send_all_back(scheduler, asked, now() + LATER)
    settle_payments.send_all_back(scheduler, asked, now() + timedelta(days=1))

    (refund,) = shown(till, order_id)[0]["refunds"]
    assert (refund["state"], refund["error"], refund["refunded_at"]) == ("failed", "account_closed", None)
    assert refund["refused_at"] is not None
    assert tried.count(UUID(refund["id"])) == 1


@pytest.fixture
def refused(till: Shop, asked: PaymentDesk, ledger: Ledger, scheduler: Store) -> Any:
    """A payment of which 100 does not go back."""
    order_id = placed(till)
    pay(till, order_id)
    till.post(f"/v1/orders/{order_id}/refund", {"reason": "broken", "other_minor": 100})
    ledger.refund = lambda _: NotSentBack(reason="account_closed")  # type: ignore[method-assign, assignment]
    settle_payments.send_all_back(scheduler, asked, now() + LATER)
    return shown(till, order_id)[0]


def by_hand(shop: Shop, payment: Any, **how: Any) -> TestResponse:
    path = f"/v1/payments/{payment['id']}/refunds/{payment['refunds'][0]['id']}/by-hand"
    return shop.post(path, {"reason": "by bank transfer, 4711"}, **how)


def test_what_a_provider_refused_is_found_and_written_down_as_sent_by_hand_once(
    till: Shop, refused: Any, scheduler: Store, postgres: psycopg.Connection
) -> None:
    pay(till, placed(till))
    found = till.get("/v1/payments?refund_state=failed").json["items"]
    settle_payments.measure(scheduler)
    waiting = REGISTRY.get_sample_value("rustok_payments_refunds_by_hand")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: by_hand(till, refused), range(50)))
    settle_payments.measure(scheduler)

    (done,) = [one for one in answers if one.status_code == 200]
    assert {one.get_json(force=True)["code"] for one in answers if one is not done} == {"refund_not_refused"}
    assert [one["id"] for one in found] == [refused["id"]]
    assert REGISTRY.get_sample_value("rustok_payments_refunds_by_hand") == (waiting or 0) - 1
    assert till.get("/v1/payments?refund_state=failed").json["items"] == []
    (refund,) = done.json["refunds"]
    assert (refund["state"], refund["by_hand"], refund["error"]) == ("done", True, "account_closed")
    assert (done.json["refunded_minor"], done.json["version"]) == (100, refused["version"] + 1)
    assert done.headers["ETag"] == f'"{done.json["version"]}"'
    assert told(postgres, till, refused["id"])[-1] == "payment.refunded"
    (event,) = postgres.execute(
        "SELECT position(convert_to('bank transfer', 'UTF8') IN payload) FROM outbox WHERE aggregateid = %s"
        " ORDER BY aggregate_version DESC LIMIT 1",
        (refused["id"],),
    )
    assert event == (0,)


def test_a_timeline_has_what_the_provider_did_and_customers_hear_no_reason(
    till: Shop, refused: Any, ledger: Ledger
) -> None:
    order_id = refused["order_id"]
    before = till.get(f"/v1/orders/{order_id}/timeline")
    by_hand(till, refused)

    after = till.get(f"/v1/orders/{order_id}/timeline", If_None_Match=before.headers["ETag"])

    assert after.status_code == 200
    assert [(one["step"], one["amount_minor"], one["reason"]) for one in after.json["items"]][-3:] == [
        ("refunded", 100, "broken"),
        ("refund_refused", 100, "account_closed"),
        ("refunded_by_hand", 100, "by bank transfer, 4711"),
    ]
    assert [one["payment_id"] for one in after.json["items"]][-2:] == [refused["id"]] * 2
    assert till.get(f"/v1/orders/{order_id}/timeline", If_None_Match=after.headers["ETag"]).status_code == 304


def test_nothing_else_is_sent_by_hand(till: Shop, refused: Any, open_shop: Callable[..., Shop]) -> None:
    another = pay(till, placed(till)).json
    path = f"/v1/payments/{another['id']}/refunds/{refused['refunds'][0]['id']}/by-hand"

    of_another = till.post(path, {"reason": "r"})
    stale = by_hand(till, refused, If_Match='"1"')
    nameless = till.post(path, {"reason": " "})
    without_right = by_hand(till, refused, role="customer", actor="anna")
    stranger = by_hand(open_shop(), refused)
    by_manager = by_hand(till, refused, role="manager", actor="max")

    assert [one.status_code for one in (of_another, stale, nameless, without_right, stranger, by_manager)] == [
        404,
        412,
        422,
        403,
        404,
        200,
    ]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'done', refunded_at = now()",
        "state = 'due', error = '', next_try_at = now()",
        "by_hand_reason = 'x'",
        "error = ''",
    ],
)
def test_a_refusal_that_breaks_a_rule_is_not_stored(refused: Any, postgres: psycopg.Connection, change: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(
            f"UPDATE payment_refunds SET {change} WHERE payment_id = %s",  # type: ignore[arg-type]
            (refused["id"],),
        )


def test_what_staff_said_was_paid_goes_back_by_hand(till: Shop, postgres: psycopg.Connection) -> None:
    orders = [placed(till), placed(till)]
    for order_id, payment_id in zip(orders, ("p1", str(uuid4())), strict=True):
        till.post(f"/v1/orders/{order_id}/confirm")
        till.post(f"/v1/orders/{order_id}/pay", {"payment_id": payment_id})
        assert till.post(f"/v1/orders/{order_id}/cancel", {"reason": "r"}).status_code == 200

    assert [shown(till, one) for one in orders] == [[], []]
    assert postgres.execute("SELECT FROM payment_refunds WHERE tenant_id = %s", (till.id,)).fetchall() == []


def test_customers_pay_and_see_their_own_only(till: Shop) -> None:
    own = {"role": "customer", "actor": "anna"}
    mine, another = placed(till, **own), placed(till, role="customer", actor="ben")
    theirs = pay(till, another, role="customer", actor="ben").json

    paid = pay(till, mine, **own)

    assert paid.status_code == 201, paid.text
    assert pay(till, another, **own).status_code == 404
    assert till.get(f"/v1/orders/{another}/payments", **own).status_code == 404
    assert till.get(f"/v1/payments/{theirs['id']}", **own).status_code == 404
    assert [one["id"] for one in till.get("/v1/payments", **own).json["items"]] == [paid.json["id"]]
    assert {one["id"] for one in till.get("/v1/payments").json["items"]} == {paid.json["id"], theirs["id"]}
    assert till.get("/v1/payments", role="anonymous").status_code == 401


def test_a_webhook_of_nobody_or_about_another_shops_is_as_one_about_nothing(
    till: Shop, ledger: Ledger, open_shop: Callable[..., Shop]
) -> None:
    stranger = open_shop()
    ledger.answer = waits
    payment = pay(till, placed(till)).json
    signed = TEST.webhook(UUID(payment["id"]), success(payment))
    unknown = TEST.webhook(uuid4(), success(payment))

    about_nothing = heard(till.client, unknown)
    at_anothers = heard(till.client, signed, Host=stranger.tenant["domains"][0])
    forged = heard(till.client, ({**signed[0], "webhook-signature": "v1,AAAA"}, signed[1]))
    old = heard(till.client, TEST.webhook(UUID(payment["id"]), success(payment), now() - timedelta(minutes=6)))
    large = heard(till.client, (signed[0], b"x" * 70_000))
    elsewhere = till.client.post("/v1/payments/webhooks/other", headers=signed[0], data=signed[1])

    assert (about_nothing.status_code, about_nothing.json) == (202, {"known": False})
    assert (at_anothers.status_code, at_anothers.json) == (202, {"known": False})
    assert [one.status_code for one in (forged, old, large, elsewhere)] == [401, 401, 413, 404]
    assert till.get(f"/v1/payments/{payment['id']}").json["status"] == "started"
    at_own = heard(till.client, signed, Host=till.tenant["domains"][0])
    assert (at_own.status_code, at_own.json) == (200, {"known": True})


@pytest.mark.parametrize(
    "token", ["", "x" * 501, "4242 4242 4242 4242", "4242424242424242", "a\0b", 5, None, "with space"]
)
def test_a_token_that_is_none_or_a_cards_number_is_refused(till: Shop, ledger: Ledger, token: Any) -> None:
    order_id = placed(till)

    answer = till.post(f"/v1/orders/{order_id}/payments", {"token": token})

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (422, "token")
    assert ledger.asked.total() == 0


def test_nobody_reads_how_somebody_pays(
    till: Shop, ledger: Ledger, postgres: psycopg.Connection, capfd: pytest.CaptureFixture[str]
) -> None:
    ledger.answer = waits
    payment = pay(till, placed(till), Idempotency_Key="k").json
    heard(till.client, TEST.webhook(UUID(payment["id"]), success(payment)))
    exported = gzip.decompress(till.get("/v1/shop/export").data).decode()

    for table in ("payments", "idempotency_keys", "outbox", "audit"):
        for (row,) in postgres.execute(f"SELECT r::text FROM {table} r WHERE tenant_id::text = %s", (str(till.id),)):
            assert TOKEN not in row
            assert TOKEN.encode().hex() not in row
    assert TOKEN not in exported
    assert "sealed_token" not in exported
    logged = "".join(capfd.readouterr())
    assert TOKEN not in logged
    assert "ref/hook" not in logged


def test_without_a_provider_nobody_pays(paying: Callable[..., Shop]) -> None:
    shop = paying(at=PaymentDesk(seal=Seal("")))

    answer = pay(shop, placed(shop))

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "no_payment_provider")
    assert heard(shop.client, TEST.webhook(uuid4(), Declined(reason="r"))).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        "status = 'started'",
        "status = 'refunded'",
        "received_minor = 299",
        "refunded_minor = 301",
        "amount_minor = 299",
        "sealed_token = 'x'",
    ],
)
def test_a_payment_that_breaks_a_rule_is_not_stored(till: Shop, postgres: psycopg.Connection, change: str) -> None:
    payment = pay(till, placed(till)).json

    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(f"UPDATE payments SET {change} WHERE id = %s", (payment["id"],))  # type: ignore[arg-type]


def test_more_than_came_never_goes_back(till: Shop, postgres: psycopg.Connection) -> None:
    payment = pay(till, placed(till)).json

    with pytest.raises(psycopg.errors.CheckViolation):
        postgres.execute(
            "INSERT INTO payment_refunds (tenant_id, id, payment_id, amount_minor, reason, state, made_at, next_try_at)"
            " VALUES (%s, %s, %s, 301, 'order_refunded', 'due', now(), now())",
            (till.id, uuid4(), payment["id"]),
        )


def test_what_a_payment_is_can_be_said_again(
    till: Shop, ledger: Ledger, asked: PaymentDesk, scheduler: Store, store: Store, postgres: psycopg.Connection
) -> None:
    def said_again() -> None:
        newest = left(postgres, till.id, payment["id"])[-1]
        again = Tables(store).state("payment", till.id, [UUID(payment["id"])])[UUID(payment["id"])]
        assert (again.event, again.envelope.aggregate_version) == (newest.event, newest.version)

    order_id = placed(till)
    ledger.answer = waits
    payment = pay(till, order_id).json
    said_again()
    for outcome in (Declined(reason="no"), success(payment)):
        heard(till.client, TEST.webhook(UUID(payment["id"]), outcome))
        said_again()
    till.post(f"/v1/orders/{order_id}/refund", {"reason": "r", "other_minor": 1})
    settle_payments.send_all_back(scheduler, asked, now() + LATER)
    said_again()


def test_payments_are_paged_without_gaps_and_two_clocks_make_no_order_of_their_own(till: Shop) -> None:
    made = [pay(till, placed(till)).json for _ in range(3)]

    first = till.get("/v1/payments?limit=2").json
    second = till.get(f"/v1/payments?limit=2&cursor={first['next_cursor']}").json

    assert [one["id"] for one in first["items"] + second["items"]] == [one["id"] for one in reversed(made)]
    assert second["next_cursor"] is None
    for one in made:
        assert datetime.fromisoformat(one["settled_at"]) >= datetime.fromisoformat(one["started_at"])
    assert json.dumps(first).count('"status": "succeeded"') == 2


def test_as_it_is_run_the_test_provider_sends_its_webhooks_and_the_job_measures(
    servers: Stack, shop: Shop, postgres: psycopg.Connection
) -> None:
    order_id = placed(shop)

    with serving(servers) as served:
        headers = shop.headers("admin")
        path = f"{served.url}/v1/orders/{order_id}/payments"
        waiting = httpx.post(path, json={"token": TestToken.DUPLICATE}, headers=headers)
        wait_until(lambda: status(shop, order_id) == "paid", 20, "the webhook has come")
        settled = served.metric("rustok_payments_settled_total")
    settle_payments.turn(servers.settings)

    assert (waiting.status_code, waiting.json()["status"]) == (202, "started"), waiting.text
    assert settled == 1
    assert told(postgres, shop, order_id)[1:] == ["order.confirmed", "order.paid"]
    assert REGISTRY.get_sample_value("rustok_payments_waiting") is not None
