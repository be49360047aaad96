import os
import sys
import threading
from threading import Event, Thread

import pytest

from api.use_cases.users.hash_passwords import Busy, PasswordHashes

#: Nobody waits for real cost here.
CHEAP = {"passes": 1, "memory_kib": 64}


@pytest.fixture
def hashes() -> PasswordHashes:
    return PasswordHashes(1, **CHEAP)


def test_the_right_password_matches_and_no_other_does(hashes: PasswordHashes) -> None:
    stored = hashes.make("correct horse")

    assert stored.startswith("$argon2id$")
    assert hashes.matches("correct horse", stored)
    assert not hashes.matches("correct house", stored)


@pytest.mark.parametrize("stored", [None, "", "nonsense", "$argon2id$v=19$m=4194304,t=9,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"])
def test_nothing_matches_where_no_hash_of_ours_is(hashes: PasswordHashes, stored: str | None) -> None:
    assert not hashes.matches("nobody's", stored)


def test_one_that_was_made_for_less_is_outdated(hashes: PasswordHashes) -> None:
    stored = hashes.make("correct horse")

    assert not hashes.is_outdated(stored)
    assert PasswordHashes(1, passes=2, memory_kib=64).is_outdated(stored)


def test_the_advised_cost_is_paid() -> None:
    assert "$m=19456,t=2,p=1$" in PasswordHashes(1).make("correct horse")


@pytest.mark.parametrize("limits", [{"waiting_each": 0}, {"patience_s": 0.01}], ids=["no place", "no patience"])
def test_who_cannot_wait_any_more_is_told_so(limits: dict[str, float]) -> None:
    hashes = PasswordHashes(1, **CHEAP, **limits)  # type: ignore[arg-type]  # of two kinds
    goes_on, is_inside = Event(), Event()

    class Slow(str):
        def encode(self, *_: object, **__: object) -> bytes:  # it is asked for in its turn
            is_inside.set()
            goes_on.wait(10)
            return b"slow"

    first = Thread(target=hashes.make, args=(Slow("slow"),))
    first.start()
    is_inside.wait(10)

    with pytest.raises(Busy):
        hashes.matches("too many", None)

    goes_on.set()
    first.join(10)
    assert hashes.matches("again", hashes.make("again"))


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_who_answers_goes_before_who_hashes(hashes: PasswordHashes) -> None:
    hashes.make("correct horse")

    hashing = next(one for one in threading.enumerate() if one.name.startswith("rustok-hash"))

    assert hashing.native_id is not None
    assert os.getpriority(os.PRIO_PROCESS, hashing.native_id) > os.getpriority(os.PRIO_PROCESS, 0)
