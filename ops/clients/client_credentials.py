"""Where a server is, and what it takes to be let in: values made from the settings, without any client library."""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import SecretStr

KafkaProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
KafkaMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
_BETWEEN: Final = re.compile(r",\s*(?=https?://)")
NO_SECRET: Final = SecretStr("")


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaAccess:
    """`ca` is a file of certificates in PEM; None: those of the system. With OAUTHBEARER `user` and `password` are a
    client's id and secret, for which `token_url` gives tokens.
    """

    bootstrap: str
    protocol: KafkaProtocol = "PLAINTEXT"
    mechanism: KafkaMechanism = "SCRAM-SHA-512"
    user: str = ""
    password: SecretStr = NO_SECRET
    ca: Path | None = None
    token_url: str = ""
    token_scope: str = ""
    connect_s: float = 30.0
    answer_s: float = 60.0

    @property
    def uses_tls(self) -> bool:
        return self.protocol in ("SSL", "SASL_SSL")

    @property
    def uses_sasl(self) -> bool:
        return self.protocol in ("SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSearchAccess:
    """`url` may bring user and password itself, and may be several of one cluster by commas. `ca` as Kafka's."""

    url: str
    user: str = ""
    password: SecretStr = NO_SECRET
    ca: Path | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        return addresses(self.url)

    @property
    def uses_tls(self) -> bool:
        return self.url.startswith("https:")


#: A bare address needs nothing to be let in.
Brokers = KafkaAccess | str
SearchServer = OpenSearchAccess | str


def addresses(url: str) -> tuple[str, ...]:
    """Each of those by commas; a comma inside of one, as in a password, does not part it."""
    return tuple(each.strip().rstrip("/") for each in _BETWEEN.split(url) if each.strip())


def kafka_access(brokers: Brokers) -> KafkaAccess:
    return KafkaAccess(bootstrap=brokers) if isinstance(brokers, str) else brokers


def opensearch_access(server: SearchServer) -> OpenSearchAccess:
    return OpenSearchAccess(url=server) if isinstance(server, str) else server


def opensearch_http_options(server: SearchServer) -> dict[str, Any]:
    """For a plain HTTP client that asks OpenSearch something."""
    access = opensearch_access(server)
    more: dict[str, Any] = {}
    if access.user:
        more["auth"] = (access.user, access.password.get_secret_value())
    if access.uses_tls:
        more["verify"] = ssl.create_default_context(cafile=access.ca)
    return more


def unchecked_tls() -> ssl.SSLContext:
    """For the question whether somebody is there, and for nothing that is secret: no certificate is checked."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
