"""Who asks for a client gets one, though another thread renews it at any moment."""

from typing import Any

import pytest

from ops.clients.renewed_admin import RenewedAdmin


class RenewedBetweenLooks(RenewedAdmin):
    """After each look at the client that is kept, another thread has renewed it."""

    kept: Any = None

    @property
    def _client(self) -> Any:
        found, self.kept = self.kept, None
        return found

    @_client.setter
    def _client(self, client: Any) -> None:
        self.kept = client


@pytest.mark.parametrize("kept", [None, "the one before"])
def test_it_is_there_however_soon_it_is_renewed(kept: str | None) -> None:
    made: Any = RenewedBetweenLooks(lambda: "a new one")  # type: ignore[arg-type,return-value]  # a text will do
    made.kept = kept

    assert made.client == (kept or "a new one")


def test_one_that_did_not_answer_is_asked_no_more() -> None:
    numbers = iter("abc")
    made: Any = RenewedAdmin(lambda: next(numbers))  # type: ignore[arg-type,return-value]  # as above

    first = made.client, made.client
    made.renew()

    assert (first, made.client) == (("a", "a"), "b")
