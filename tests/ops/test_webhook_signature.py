"""Signatures are those of Standard Webhooks, and two secrets are good at a time."""

from datetime import UTC, datetime

from ops.webhook_signature import new_secret, signed_headers

#: As the documentation of a well-known sender has it.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)


def test_a_signature_is_as_published() -> None:
    headers = signed_headers([SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, BODY)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_that_is_good_signs() -> None:
    one, other = new_secret(), new_secret()

    both = signed_headers([one, other], "id", AT, BODY)["webhook-signature"].split(" ")

    assert both == [signed_headers([each], "id", AT, BODY)["webhook-signature"] for each in (one, other)]
    assert one != other
