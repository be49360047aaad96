import pytest

from ops.sealed_secrets import Seal, SealedWithAnotherKey

SEAL = Seal("a key that the hosts of the API share")


def test_what_was_sealed_is_opened_by_who_has_the_key() -> None:
    sealed = SEAL.close(b"secret", "k1")

    assert Seal("a key that the hosts of the API share").open(sealed, "k1") == b"secret"
    assert b"secret" not in sealed


def test_nobody_else_opens_it_and_nothing_opens_in_anothers_place() -> None:
    sealed = SEAL.close(b"secret", "k1")

    for seal, given, name in (
        (Seal("another key"), sealed, "k1"),
        (SEAL, sealed, "k2"),
        (SEAL, sealed[:-1] + bytes([sealed[-1] ^ 1]), "k1"),
        (SEAL, b"", "k1"),
    ):
        with pytest.raises(SealedWithAnotherKey):
            seal.open(given, name)


def test_the_same_secret_is_never_sealed_the_same() -> None:
    assert SEAL.close(b"secret", "k1") != SEAL.close(b"secret", "k1")
