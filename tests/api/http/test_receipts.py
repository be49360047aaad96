from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.domain.errors import Invalid
from api.http.receipts import Receipt, Receipts
from tests.api.conftest import SHOP, ReadModel

Header = Callable[..., dict[str, str]]


SIGNING = Receipts("a key for tests, long enough to sign")


@given(st.sampled_from(["order", "product", "a"]), st.uuids(), st.integers(1, 2**63 - 1), st.integers(0, 2**31))
def test_a_receipt_is_read_as_it_was_written(aggregate: str, id_: UUID, version: int, epoch: int) -> None:
    receipt = Receipt(aggregate, id_, version, epoch)

    assert SIGNING.read(SHOP.id, SIGNING.text(SHOP.id, receipt)) == receipt


@pytest.mark.parametrize(
    "text", ["", "?", "bm9uc2Vuc2U", "e30", "W10", "bnVsbA", "eyJhZ2dyZWdhdGUiOjF9", "ü", "A" * 9000]
)
def test_what_never_was_a_receipt_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        SIGNING.read(SHOP.id, text)


def test_a_receipt_that_was_changed_in_any_place_is_refused() -> None:
    good = SIGNING.text(SHOP.id, Receipt("order", uuid4(), 3))
    plain = b64decode(good + "=" * (-len(good) % 4), altchars=b"-_")

    for place in range(len(plain)):
        changed = plain[:place] + bytes((plain[place] ^ 1,)) + plain[place + 1 :]
        with pytest.raises(Invalid):
            SIGNING.read(SHOP.id, urlsafe_b64encode(changed).rstrip(b"=").decode())


def test_a_receipt_is_of_one_tenant_and_of_one_key() -> None:
    text = SIGNING.text(SHOP.id, Receipt("order", uuid4(), 3))

    for reading, tenant_id in ((SIGNING, uuid4()), (Receipts("another key, long enough to sign with"), SHOP.id)):
        with pytest.raises(Invalid):
            reading.read(tenant_id, text)


def test_a_forged_receipt_is_refused_without_asking_the_read_model(
    client: FlaskClient, as_role: Header, read_model: ReadModel
) -> None:
    forged = Receipts("the key of somebody else, as long").text(SHOP.id, Receipt("product", uuid4(), 1))

    answer = client.get(f"/v1/search/products?after={forged}&wait=30", headers=as_role("customer"))

    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["field"]) == (422, "after")
    assert read_model.asked == []


def test_fifty_receipts_fit_into_an_address() -> None:
    texts = [SIGNING.text(SHOP.id, Receipt("category", uuid4(), 2**31, 1)) for _ in range(50)]

    assert len("&".join(f"after={text}" for text in texts)) < 4000


def test_a_read_brings_its_receipts_and_sees_their_effect(
    client: FlaskClient, as_role: Header, read_model: ReadModel
) -> None:
    receipts = [Receipt("product", uuid4(), version) for version in (1, 2)]
    read_model.visible = {receipt.id: 2 for receipt in receipts}

    answer = client.get(
        "/v1/search/products",
        query_string={"after": [SIGNING.text(SHOP.id, one) for one in receipts]},
        headers=as_role("customer"),
    )

    assert answer.status_code == 200


def test_a_read_that_is_too_early_says_what_is_missing(client: FlaskClient, as_role: Header) -> None:
    receipt = Receipt("product", uuid4(), 1)

    answer = client.get(
        f"/v1/search/products?after={SIGNING.text(SHOP.id, receipt)}&wait=0.5", headers=as_role("customer")
    )

    assert (answer.status_code, answer.get_json(force=True)["code"]) == (504, "not_visible_yet")
    assert str(receipt.id) in answer.text
    assert answer.headers["Retry-After"] == "1"


def test_fifty_receipts_are_enough(client: FlaskClient, as_role: Header) -> None:
    answer = client.get(
        "/v1/search/products",
        query_string={"after": [SIGNING.text(SHOP.id, Receipt("order", uuid4(), 1))] * 51},
        headers=as_role("admin"),
    )

    assert answer.status_code == 422
