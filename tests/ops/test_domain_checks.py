"""Whose a domain is, shown by a server for names and one for files that run here."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from ops.domain_checks import PublishedProof, TrustedDomains, domain_check
from ops.failure import Failure
from ops.settings import Settings

PROOF = "a-proof-that-nobody-guesses"
TXT = "_rustok.shop.example."


@dataclass
class Names:
    """A server for names that knows `records`, by name and kind."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    port: int = 0

    def answer(self, asked: bytes) -> bytes:
        query = dns.message.from_wire(asked)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        texts = self.records.get((str(question.name), kind))
        response = dns.message.make_response(query)
        if texts is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        else:
            response.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *texts))
        return response.to_wire()


@pytest.fixture
def names() -> Iterator[Names]:
    known = Names()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        known.port = door.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    asked, who = door.recvfrom(4096)
                except OSError:
                    return
                if not asked:
                    return
                door.sendto(known.answer(asked), who)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield known
        door.sendto(b"", door.getsockname())
        thread.join()


@contextmanager
def file_server(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Its port, and what it was asked; each gets this answer, and no more until they go."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(4096))
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield door.getsockname()[1], asked
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def check(names: Names, port: int = 1, may_ask: Callable[[str], bool] | None = lambda address: True) -> PublishedProof:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], names.port
    allowed = {} if may_ask is None else {"may_ask": may_ask}
    return PublishedProof(resolver, http_port=port, **allowed)


def test_a_record_with_the_proof_shows_whose_the_domain_is(names: Names) -> None:
    names.records[(TXT, "TXT")] = ['"v=spf1 -all"', f'"rustok-domain={PROOF}"']

    assert check(names).proves("shop.example", PROOF)
    assert not check(names).proves("shop.example", PROOF + "x")
    assert not check(names).proves("other.example", PROOF)


def test_a_file_with_the_proof_does_too(names: Names) -> None:
    names.records[("shop.example.", "A")] = ["127.0.0.1"]

    with file_server(b"HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n" + PROOF.encode() + b"\n") as (port, asked):
        proven = check(names, port).proves("shop.example", PROOF)

    assert proven
    assert asked[0].startswith(b"GET /.well-known/rustok-domain HTTP/1.0\r\nHost: shop.example\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n" + PROOF.encode(),
        b"HTTP/1.1 404 Not Found\r\n\r\n" + PROOF.encode(),
        b"HTTP/1.1 200 OK\r\n\r\n<html>" + PROOF.encode() + b"</html>",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000,
        b"\x00\xff" * 100,
        b"",
    ],
)
def test_anything_else_shows_nothing(names: Names, answer: bytes) -> None:
    names.records[("shop.example.", "A")] = ["127.0.0.1"]

    with file_server(answer) as (port, _):
        assert not check(names, port).proves("shop.example", PROOF)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "100.64.0.1"])
def test_nobody_makes_us_ask_in_our_own_network(names: Names, address: str) -> None:
    names.records[("shop.example.", "A")] = [address]

    with file_server(b"HTTP/1.1 200 OK\r\n\r\n" + PROOF.encode()) as (port, asked):
        assert not check(names, port, may_ask=None).proves("shop.example", PROOF)

    assert asked == []


def test_production_refuses_to_trust_everybody() -> None:
    assert isinstance(domain_check(Settings(environment="development")), TrustedDomains)
    assert isinstance(domain_check(Settings(environment="production")), PublishedProof)
    assert isinstance(domain_check(Settings(environment="development", domain_check="proof")), PublishedProof)
    with pytest.raises(Failure, match="RUSTOK_DOMAIN_CHECK"):
        domain_check(Settings(environment="production", domain_check="none"))
