from uuid import uuid4

import pytest

from api.use_cases.users.bearer_secrets import LINK, REFRESH, make, read


def test_what_was_made_is_read_again_and_names_its_tenant() -> None:
    tenant_id = uuid4()
    made = make(REFRESH, tenant_id)

    assert read(REFRESH, made.text) == made
    assert made.tenant_id == tenant_id


def test_one_kind_is_not_taken_for_the_other() -> None:
    assert read(LINK, make(REFRESH, uuid4()).text) is None


@pytest.mark.parametrize("text", ["", "rtr_", "rtr", "rtr_AAAA", "rtr_ü", "rtr_" + "A" * 1000, "rtr_!!!!"])
def test_anything_else_is_none(text: str) -> None:
    assert read(REFRESH, text) is None


def test_its_secret_is_not_in_what_is_printed_of_it() -> None:
    made = make(LINK, uuid4())

    assert made.secret.hex() not in repr(made)
    assert "secret" not in repr(made)
