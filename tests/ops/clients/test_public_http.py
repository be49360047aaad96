"""A receiver may do what it wants: nobody waits longer than stated, nothing is followed, nothing private is reached."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.clients.public_addresses import NotAllowed, PrivateHosts
from ops.clients.public_http import Answer, NoAnswer, PublicHttp, TooSlow
from tests.support import webhook_receiver
from tests.support.webhook_receiver import Behaviour, Receiver, receiving, status

HERE = PrivateHosts.of("127.0.0.0/8")
WITHIN_S = 0.6


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def http() -> PublicHttp:
    return PublicHttp(HERE, WITHIN_S)


def test_a_body_arrives_as_it_is_with_its_headers(receiver: Receiver, http: PublicHttp) -> None:
    answer = http.post(receiver.url, b"\0body" * 100_000, {"webhook-id": "x", "Content-Type": "a/b"})

    (got,) = receiver.got
    assert answer == Answer(204)
    assert (got.path, got.body) == ("/hook?key=1", b"\0body" * 100_000)
    assert (got.headers["content-type"], got.headers["host"]) == ("a/b", f"127.0.0.1:{receiver.port}")


@pytest.mark.parametrize("behaviour", [webhook_receiver.hangs, webhook_receiver.byte_by_byte])
def test_who_hangs_or_answers_byte_by_byte_is_given_up_in_time(
    receiver: Receiver, http: PublicHttp, behaviour: Behaviour
) -> None:
    receiver.answer = lambda _: behaviour

    began = time.monotonic()
    with pytest.raises(TooSlow):
        http.post(receiver.url, b"{}", {})

    assert time.monotonic() - began < WITHIN_S + 1


def test_of_gigabytes_nothing_is_read(receiver: Receiver, http: PublicHttp) -> None:
    receiver.answer = lambda _: webhook_receiver.gigabytes

    assert http.post(receiver.url, b"{}", {}) == Answer(200)


@pytest.mark.parametrize("behaviour", [webhook_receiver.endless_head, webhook_receiver.rubbish])
def test_what_is_no_http_is_no_answer(receiver: Receiver, http: PublicHttp, behaviour: Behaviour) -> None:
    receiver.answer = lambda _: behaviour

    with pytest.raises(NoAnswer):
        http.post(receiver.url, b"{}", {})


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver, http: PublicHttp) -> None:
    receiver.answer = lambda _: status(302, f"Location: {receiver.url}")

    assert http.post(receiver.url, b"{}", {}).status == 302
    assert len(receiver.got) == 1


def test_how_long_to_wait_is_told(receiver: Receiver, http: PublicHttp) -> None:
    receiver.answer = lambda _: status(429, "retry-AFTER: 17")

    assert http.post(receiver.url, b"{}", {}) == Answer(429, "17")


def test_nobody_there_is_said(http: PublicHttp) -> None:
    with receiving() as gone:
        url = gone.url

    with pytest.raises(NoAnswer, match="refused"):
        http.post(url, b"{}", {})


def test_a_name_is_looked_at_where_it_leads_and_asked_once(receiver: Receiver) -> None:
    """Whoever answers with a public address first and a private one then wins nothing."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) > 1 else ["127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"]

    http = PublicHttp(PrivateHosts.of("nobody.example"), WITHIN_S, resolve=rebinding)

    with pytest.raises(NotAllowed):
        http.post(f"https://rebinding.example:{receiver.port}/", b"{}", {})

    assert asked == ["rebinding.example"]
    assert receiver.got == []


def test_of_several_addresses_only_those_that_are_allowed_are_tried(receiver: Receiver) -> None:
    http = PublicHttp(HERE, WITHIN_S, resolve=lambda *_: ["10.0.0.1", "127.0.0.1"])

    assert http.post(receiver.url, b"{}", {}) == Answer(204)


def test_a_certificate_of_nobody_known_is_no_answer(tmp_path: Path) -> None:
    with receiving(certified(tmp_path)) as secured, pytest.raises(NoAnswer, match="certificate"):
        PublicHttp(HERE, 5).post(secured.url, b"{}", {})

    assert secured.got == []


def test_a_certificate_of_the_set_authority_is_taken(tmp_path: Path) -> None:
    with receiving(certified(tmp_path)) as secured:
        assert PublicHttp(HERE, 5, tmp_path / "cert.pem").post(secured.url, b"{}", {}) == Answer(204)


def certified(folder: Path) -> ssl.SSLContext:
    """Signed by itself, for 127.0.0.1."""
    make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def make_certificate(folder: Path) -> None:
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
