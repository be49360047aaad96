from datetime import UTC, datetime, timedelta
from uuid import uuid4

from api.domain.refresh_rotation import Ended, Renewed, Reused, Session, judge, kept, successor

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GRACE = timedelta(seconds=20)
OPEN = Session(id=uuid4(), user_id=uuid4(), client="", opened_at=NOW, used_at=NOW, ends_at=NOW + timedelta(days=30))


def test_a_token_that_is_used_now_is_renewed() -> None:
    assert judge(OPEN, NOW, NOW, GRACE) == Renewed(NOW)


def test_who_loses_the_race_is_told_what_the_first_was_told() -> None:
    later = NOW + timedelta(seconds=20)

    assert judge(OPEN, NOW, later, GRACE) == Renewed(NOW)


def test_after_the_grace_a_used_token_is_taken_for_stolen() -> None:
    assert judge(OPEN, NOW, NOW + timedelta(seconds=20, microseconds=1), GRACE) == Reused()


def test_a_session_that_has_ended_renews_nothing() -> None:
    revoked = Session(
        id=OPEN.id, user_id=OPEN.user_id, client="", opened_at=NOW, used_at=NOW, ends_at=OPEN.ends_at, revoked_at=NOW
    )

    assert judge(revoked, NOW, NOW, GRACE) == Ended()
    assert judge(OPEN, OPEN.ends_at, OPEN.ends_at, GRACE) == Ended()


def test_the_next_token_follows_from_the_presented_one_and_the_key() -> None:
    first = successor(b"k" * 32, OPEN.id, b"s" * 32)

    assert first == successor(b"k" * 32, OPEN.id, b"s" * 32)
    others = {
        successor(b"K" * 32, OPEN.id, b"s" * 32),
        successor(b"k" * 32, uuid4(), b"s" * 32),
        successor(b"k" * 32, OPEN.id, b"S" * 32),
        kept(b"s" * 32),
    }
    assert first not in others
    assert len(others) == 4
