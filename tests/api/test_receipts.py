from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from api.domain.errors import Invalid
from api.receipts import NotVisibleYet, Receipt, read, wait
from tests.api.conftest import Clock, ReadModel

Header = Callable[..., dict[str, str]]


def test_a_receipt_is_read_as_it_was_written() -> None:
    receipt = Receipt("order", uuid4(), 3)

    assert read(receipt.text()) == receipt


@pytest.mark.parametrize("text", ["", "?", "bm9uc2Vuc2U", "e30", "W10", "bnVsbA", "eyJhZ2dyZWdhdGUiOjF9", "ü"])
def test_what_never_was_a_receipt_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read(text)


def test_waiting_ends_when_everything_is_visible(clock: Clock) -> None:
    late = Receipt("order", uuid4(), 1)

    wait([late], lambda _: clock.seconds > 1, longest_s=5, now_s=clock.now_s, sleep=clock.sleep)

    assert 1 < clock.seconds < 1.5


def test_waiting_ends_at_its_deadline(clock: Clock) -> None:
    with pytest.raises(NotVisibleYet):
        wait([Receipt("order", uuid4(), 1)], lambda _: False, longest_s=2, now_s=clock.now_s, sleep=clock.sleep)

    assert clock.seconds == pytest.approx(2)


def test_what_was_seen_once_is_not_asked_for_again(clock: Clock) -> None:
    asked: list[UUID] = []
    soon, late = Receipt("order", uuid4(), 1), Receipt("order", uuid4(), 1)

    def holds(receipt: Receipt) -> bool:
        asked.append(receipt.id)
        return receipt == soon or clock.seconds > 1

    wait([soon, late], holds, longest_s=5, now_s=clock.now_s, sleep=clock.sleep)

    assert asked.count(soon.id) == 1


def test_a_read_brings_its_receipts_and_sees_their_effect(
    client: FlaskClient, as_role: Header, read_model: ReadModel
) -> None:
    receipts = [Receipt("product", uuid4(), version) for version in (1, 2)]
    read_model.visible = {receipt.id: 2 for receipt in receipts}

    answer = client.get(
        "/v1/search/products", query_string={"after": [one.text() for one in receipts]}, headers=as_role("customer")
    )

    assert answer.status_code == 200


def test_a_read_that_is_too_early_says_what_is_missing(client: FlaskClient, as_role: Header) -> None:
    receipt = Receipt("product", uuid4(), 1)

    answer = client.get(f"/v1/search/products?after={receipt.text()}&wait=0.5", headers=as_role("customer"))

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (504, "not_visible_yet")
    assert str(receipt.id) in answer.text
    assert answer.headers["Retry-After"] == "1"


def test_fifty_receipts_are_enough(client: FlaskClient, as_role: Header) -> None:
    answer = client.get(
        "/v1/search/products",
        query_string={"after": [Receipt("order", uuid4(), 1).text()] * 51},
        headers=as_role("admin"),
    )

    assert answer.status_code == 422
