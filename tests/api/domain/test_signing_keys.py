from datetime import UTC, datetime, timedelta

from api.domain.signing_keys import (
    LONGEST_TOKEN,
    PUBLISHED_BEFORE,
    KeyState,
    SigningKey,
    believed,
    signer,
    state_of,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def key(kid: str, signs_from: datetime, retired_at: datetime | None = None) -> SigningKey:
    return SigningKey(
        kid=kid,
        public=b"p" * 32,
        sealed=b"s",
        made_at=signs_from - PUBLISHED_BEFORE,
        signs_from=signs_from,
        retired_at=retired_at,
    )


OLD, NEW = key("old", START), key("new", START + 10 * DAY)
CHANGE = NEW.signs_from


def states(now: datetime, *keys: SigningKey) -> list[str]:
    return [state_of(one, keys, now).value for one in keys]


def test_a_new_key_is_believed_before_it_signs() -> None:
    before = CHANGE - timedelta(seconds=1)

    assert signer([OLD, NEW], before) == OLD
    assert believed([OLD, NEW], before) == (OLD, NEW)


def test_the_old_key_is_believed_until_its_last_token_is_over() -> None:
    assert states(CHANGE, OLD, NEW) == ["verifies", "signs"]
    assert states(CHANGE + LONGEST_TOKEN, OLD, NEW) == ["verifies", "signs"]
    assert states(CHANGE + LONGEST_TOKEN + timedelta(minutes=6), OLD, NEW) == ["over", "signs"]


def test_at_every_moment_the_tokens_of_every_signer_so_far_are_believed_while_they_last() -> None:
    keys = [key(str(number), START + number * timedelta(hours=7)) for number in range(8)]
    for hour in range(100):
        issued_at = START + timedelta(hours=hour)
        signed_by = signer(keys, issued_at)
        assert signed_by is not None
        for later in range(int(LONGEST_TOKEN / timedelta(hours=1))):
            assert signed_by in believed(keys, issued_at + timedelta(hours=later))


def test_a_retired_key_is_believed_no_more_and_the_one_before_signs_again() -> None:
    stolen = key("stolen", CHANGE, retired_at=CHANGE + DAY)
    now = CHANGE + DAY

    assert states(now, OLD, stolen) == ["signs", "retired"]
    assert believed([OLD, stolen], now) == (OLD,)


def test_a_retired_key_ends_nobody_elses_time() -> None:
    never_signed = key("never", CHANGE, retired_at=CHANGE - DAY)

    assert state_of(OLD, [OLD, never_signed], CHANGE + 100 * DAY) is KeyState.SIGNS


def test_before_the_first_key_nobody_signs() -> None:
    assert signer([], START) is None
    assert signer([NEW], START) is None
