"""Keys are made and retired, without a database."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from api.domain.errors import Conflict, NotFound
from api.domain.signing_keys import LONGEST_TOKEN, PUBLISHED_BEFORE, SigningKey, signer, state_of
from api.use_cases.signing_keys.retire_signing_key import retire_signing_key
from api.use_cases.signing_keys.rotate_signing_key import ensure_signing_key, rotate_signing_key
from ops.sealed_secrets import Seal

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEAL = Seal("a key that the hosts of the API share")


@dataclass
class Rows:
    """As the table keeps them."""

    keys: dict[str, SigningKey] = field(default_factory=dict)

    def take_turns(self) -> None:
        return None

    def all(self) -> list[SigningKey]:
        return list(self.keys.values())

    def add(self, key: SigningKey) -> None:
        self.keys[key.kid] = key

    def retire(self, kid: str, now: datetime) -> None:
        self.keys[kid] = replace(self.keys[kid], retired_at=now)

    def destroy_private_halves(self, kids: Collection[str]) -> None:
        for kid in kids:
            self.keys[kid] = replace(self.keys[kid], sealed=None)


@pytest.fixture
def rows() -> Rows:
    return Rows()


def rotate(rows: Rows, now: datetime, *, in_haste: bool = False) -> SigningKey:
    return rotate_signing_key(rows, SEAL, now, in_haste=in_haste)  # type: ignore[arg-type]  # all of it that is used


def retire(rows: Rows, kid: str, now: datetime) -> None:
    retire_signing_key(rows, kid, now)  # type: ignore[arg-type]  # as above


def test_the_first_key_signs_at_once_and_its_private_half_is_sealed(rows: Rows) -> None:
    made = rotate(rows, NOW)

    assert signer(rows.all(), NOW) == made
    assert made.sealed is not None
    assert len(SEAL.open(made.sealed, made.kid)) == 32


def test_a_later_key_is_published_first_and_only_one_waits(rows: Rows) -> None:
    first, second = rotate(rows, NOW), rotate(rows, NOW)

    assert second.signs_from == NOW + PUBLISHED_BEFORE
    assert signer(rows.all(), NOW) == first
    with pytest.raises(Conflict, match=second.kid):
        rotate(rows, NOW)


def test_one_that_is_wanted_in_haste_is_known_everywhere_before_it_signs(rows: Rows) -> None:
    first, second = rotate(rows, NOW), rotate(rows, NOW, in_haste=True)
    soon = NOW + timedelta(seconds=3)

    assert [signer(rows.all(), moment) for moment in (NOW + timedelta(seconds=2), soon)] == [first, second]


def test_a_key_that_is_over_keeps_no_private_half(rows: Rows) -> None:
    first = rotate(rows, NOW)
    rotate(rows, NOW)
    much_later = NOW + LONGEST_TOKEN + timedelta(hours=1)
    rotate(rows, much_later)

    assert [key.sealed is None for key in rows.all()] == [True, False, False]
    assert state_of(rows.keys[first.kid], rows.all(), much_later).value == "over"


def test_a_key_is_retired_when_another_signs(rows: Rows) -> None:
    first = rotate(rows, NOW)
    with pytest.raises(Conflict, match="No other key"):
        retire(rows, first.kid, NOW)
    second = rotate(rows, NOW)
    with pytest.raises(Conflict, match="No other key"):
        retire(rows, first.kid, NOW)

    retire(rows, first.kid, second.signs_from)

    assert rows.keys[first.kid].sealed is None
    assert signer(rows.all(), second.signs_from) == second


def test_what_is_not_there_or_retired_already_is_not_retired(rows: Rows) -> None:
    first = rotate(rows, NOW)
    second = rotate(rows, NOW)
    retire(rows, first.kid, second.signs_from)

    for kid in ("nobody", first.kid):
        with pytest.raises(NotFound):
            retire(rows, kid, second.signs_from)


def test_a_first_key_is_made_once(rows: Rows) -> None:
    made, again = (ensure_signing_key(rows, SEAL, NOW) for _ in range(2))  # type: ignore[arg-type]  # as above

    assert (rows.all(), again) == ([made], None)
