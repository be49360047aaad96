"""Builds every client of Valkey and of Redis, which speak the same. TLS and credentials are in the URL.

`valkey://user:password@host:port/0`, and `valkeys://…?ssl_ca_certs=/etc/ssl/ours.pem` with TLS; `redis` for `valkey` is
as good.
"""

from typing import Any, Final

from valkey import Valkey

_BY_TLS: Final = "valkeys://"


def connect(url: str, *, answer_s: float) -> Valkey:
    """It connects when it is asked for something, and gives up connecting, and waiting, after `answer_s` each.

    With TLS only to who the certificate names: the client alone takes any that its CA has signed, for whomever.
    """
    own = url.replace("redis", "valkey", 1) if url.startswith("redis") else url
    secured: dict[str, Any] = {"ssl_check_hostname": True} if own.startswith(_BY_TLS) else {}
    return Valkey.from_url(own, socket_timeout=answer_s, socket_connect_timeout=answer_s, **secured)
