from datetime import timedelta
from uuid import uuid4

from api.domain.claim_tokens import GOOD_FOR, ClaimToken, KeptClaim
from tests.support.examples import MOMENT


def test_a_token_is_read_as_it_was_written_and_no_typing_error_is() -> None:
    token = ClaimToken.new(uuid4())

    assert ClaimToken.read(token.text) == token
    assert token.text.startswith("rto_")
    assert len(token.text) == 86
    assert token.secret not in repr(token)
    for at in range(len(token.text)):
        wrong = token.text[:at] + ("x" if token.text[at] != "x" else "y") + token.text[at + 1 :]
        assert ClaimToken.read(wrong) is None


def test_only_the_newest_token_of_an_order_is_good_and_for_a_time() -> None:
    token, other = ClaimToken.new(uuid4()), ClaimToken.new(uuid4())
    kept = KeptClaim(token.hash, MOMENT)

    assert kept.is_of(token, MOMENT + GOOD_FOR - timedelta(seconds=1))
    assert not kept.is_of(token, MOMENT + GOOD_FOR)
    assert not kept.is_of(other, MOMENT)
    assert token.secret.encode() not in kept.hash
