"""The servers as others run them: behind TLS, with users and passwords.

Kafka is a broker of its own with SASL over TLS. Before the test stack's PostgreSQL, which asks for SCRAM, stands what
gives it TLS (its wheel has none), and before OpenSearch what gives it TLS and a password (its security plugin is not
in the packages).
"""

import base64
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import IPv4Address
from pathlib import Path

import httpx
from confluent_kafka import KafkaException
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from ops.clients import kafka as kafka_clients
from ops.clients.client_credentials import KafkaAccess, KafkaMechanism
from ops.home import ServiceUser
from ops.local import server_software
from ops.local.stack_folders import owned_folder
from ops.settings import Settings
from tests.support.free_port import free_port
from tests.support.http_server import address, http_server
from tests.support.waiting import wait_until

USER, PASSWORD = "rustok-client", "it is 'quoted' & long"
KAFKA_PASSWORD = "s3cret-of-kafka"
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=CLIENTS://127.0.0.1:{port},INSIDE://127.0.0.1:{inside}
listener.security.protocol.map=CLIENTS:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
listener.name.clients.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.clients.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{user}="{password}";
listener.name.clients.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.clients.ssl.keystore.type=PEM
listener.name.clients.ssl.keystore.location={both}
log.dirs={logs}
auto.create.topics.enable=false
message.max.bytes=8388608
offsets.topic.replication.factor=1
offsets.topic.num.partitions=2
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
"""


@dataclass(frozen=True)
class Certificates:
    """Of a server at 127.0.0.1, given by a CA of the test's own; files in PEM."""

    ca: Path
    chain: Path
    key: Path
    both: Path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


def certificates(folder: Path) -> Certificates:
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's own CA")])
    ca = _certificate(name, name, authority.public_key(), authority, is_ca=True)
    server = _certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]),
        name,
        own.public_key(),
        authority,
        is_ca=False,
    )
    made = Certificates(*(folder / f"{part}.pem" for part in ("ca", "chain", "key", "both")))
    secret = own.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    made.ca.write_bytes(ca.public_bytes(pem))
    made.chain.write_bytes(server.public_bytes(pem))
    made.key.write_bytes(secret)
    made.both.write_bytes(secret + server.public_bytes(pem) + ca.public_bytes(pem))
    return made


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    signed_with: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_with.public_key()), critical=False)
    )
    if is_ca:
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        made = made.add_extension(usage, critical=True)
    else:
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
    return made.sign(signed_with, hashes.SHA256())


@contextmanager
def secured_kafka(settings: Settings, folder: Path, certificates: Certificates) -> Iterator[KafkaAccess]:
    """A broker that lets in who says who he is. `folder` has to be one that the servers' user can reach."""
    user = ServiceUser.choose(settings.service_user)
    home = owned_folder(folder, user)
    logs = owned_folder(home / "logs", user)
    for file in (both := home / "both.pem",):
        file.write_bytes(certificates.both.read_bytes())
        os.chown(file, user.uid, user.gid)
    port = free_port()
    config = home / "server.properties"
    config.write_text(
        CONFIG.format(
            port=port,
            inside=free_port(),
            controller=free_port(),
            user=USER,
            password=KAFKA_PASSWORD,
            both=both,
            logs=logs,
        )
    )
    os.chown(config, user.uid, user.gid)
    software = server_software.folder(settings.folder.software, "kafka")
    java = (str(server_software.java(settings.folder.software)), "-Xmx384m", "-cp", f"{software}/lib/*")
    users = [
        part
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        for part in ("--add-scram", f"{mechanism}=[name={USER},password={KAFKA_PASSWORD}]")
    ]
    cluster = base64.urlsafe_b64encode(os.urandom(16)).decode()[:22].replace("-", "a")
    form = (*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config), *users)
    run_as = {} if user.is_caller else {"user": user.uid, "group": user.gid, "extra_groups": []}
    done = subprocess.run(form, capture_output=True, text=True, check=False, cwd=home, **run_as)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    said = (folder.parent / "kafka.log").open("wb")
    broker = subprocess.Popen((*java, "kafka.Kafka", str(config)), stdout=said, stderr=said, cwd=home, **run_as)  # type: ignore[call-overload]
    try:
        access = kafka_access(port, certificates, "SCRAM-SHA-512")
        wait_until(lambda: answers(access), 60, "the broker lets somebody in")
        yield access
    finally:
        broker.kill()
        broker.wait()
        said.close()


def kafka_access(port: int, certificates: Certificates, mechanism: KafkaMechanism) -> KafkaAccess:
    return KafkaAccess(
        bootstrap=f"127.0.0.1:{port}",
        protocol="SASL_SSL",
        mechanism=mechanism,
        user=USER,
        password=SecretStr(KAFKA_PASSWORD),
        ca=certificates.ca,
    )


def answers(access: KafkaAccess) -> bool:
    try:
        return bool(kafka_clients.admin(access, {"log_level": 0}).list_topics(timeout=3).brokers)
    except KafkaException:
        return False


def tls_before_postgres(port: int, certificates: Certificates) -> AbstractContextManager[int]:
    """Its port. Nobody gets through without TLS, which a client of PostgreSQL asks for first."""
    return tls_before(port, certificates, asked_first=SSL_REQUEST, answer=b"S")


@contextmanager
def tls_before(port: int, certificates: Certificates, asked_first: bytes = b"", answer: bytes = b"") -> Iterator[int]:
    """The port before it. Nobody gets through without TLS."""
    context = certificates.context()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    given = (client, context, port, asked_first, answer)
                    threading.Thread(target=_through, args=given, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield int(listening.getsockname()[1])


def _through(client: socket.socket, context: ssl.SSLContext, port: int, asked_first: bytes, answer: bytes) -> None:
    with suppress(OSError), client:
        if asked_first and client.recv(len(asked_first), socket.MSG_WAITALL) != asked_first:
            return
        client.sendall(answer)
        with (
            context.wrap_socket(client, server_side=True) as inside,
            socket.create_connection(("127.0.0.1", port)) as server,
        ):
            threading.Thread(target=_pass_on, args=(server, inside), daemon=True).start()
            _pass_on(inside, server)


def _pass_on(taken: socket.socket, given: socket.socket) -> None:
    with suppress(OSError, ValueError):
        while data := taken.recv(65536):
            given.sendall(data)
    for one in (taken, given):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def password_before_opensearch(url: str, certificates: Certificates) -> Iterator[str]:
    """Its address. Who has no password gets 401."""
    wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") != wanted:
                self._respond(401, {"Content-Type": "text/plain"}, b"who are you?")
                return
            kind = {"Content-Type": self.headers["Content-Type"]} if "Content-Type" in self.headers else {}
            told = httpx.request(self.command, url + self.path, content=body, headers=kind, timeout=60)
            self._respond(told.status_code, {"Content-Type": told.headers.get("content-type", "")}, told.content)

        def _respond(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815  # the server looks for these names

        def log_message(self, *_: object) -> None:
            return

    with http_server(Handler, tls=certificates.context()) as server:
        yield address(server, "https")
