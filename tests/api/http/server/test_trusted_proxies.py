"""What is forwarded counts from our proxies only; the address, scheme and host are those that they saw."""

from typing import Any

import pytest

from api.http.client_address import counted
from api.http.server.trusted_proxies import ProxyHeaders, TrustedProxies, networks

OURS = "10.0.0.0/8, 192.0.2.7, fd00::/8"


def seen(
    peer: str, setting: str = OURS, headers: ProxyHeaders = "X-Forwarded", **sent: str
) -> tuple[str, str, str, list[str]]:
    """Address, scheme and host that the application sees, and what is left of forwarded headers."""
    found: dict[str, Any] = {}

    def app(environ: dict[str, Any], _: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "api.internal"}
    environ |= {f"HTTP_{name}": value for name, value in sent.items()}
    TrustedProxies(app, networks(setting), headers)(environ, None)
    left = [name for name in found if "FORWARDED" in name or "REAL_IP" in name]
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"], left


def test_a_proxy_of_ours_says_who_asks_over_what_and_at_which_host() -> None:
    told = seen("10.1.2.3", X_FORWARDED_FOR="203.0.113.9", X_FORWARDED_PROTO="https", X_FORWARDED_HOST="shop.example")

    assert told == ("203.0.113.9", "https", "shop.example", [])


def test_from_anybody_else_nothing_counts_and_nothing_is_left() -> None:
    sent = {
        "X_FORWARDED_FOR": "10.0.0.1",
        "X_FORWARDED_PROTO": "https",
        "X_FORWARDED_HOST": "shop.example",
        "X_FORWARDED_PREFIX": "/x",
        "X_REAL_IP": "1.1.1.1",
        "FORWARDED": "for=1.1.1.1;proto=https;host=shop.example",
    }

    assert seen("203.0.113.9", **sent) == ("203.0.113.9", "http", "api.internal", [])
    assert seen("203.0.113.9", headers="Forwarded", **sent) == ("203.0.113.9", "http", "api.internal", [])
    assert seen("10.0.0.1", setting="", **sent) == ("10.0.0.1", "http", "api.internal", [])


def test_the_list_is_read_from_the_right_past_our_own_proxies() -> None:
    told = seen(
        "10.1.2.3",
        X_FORWARDED_FOR="1.1.1.1, 10.9.9.9, 203.0.113.9, 192.0.2.7, 10.0.0.5",
        X_FORWARDED_PROTO="http, http, https, http, http",
        X_FORWARDED_HOST="evil.example, evil.example, shop.example, inner, inner",
    )

    assert told == ("203.0.113.9", "https", "shop.example", [])


def test_a_thousand_made_up_lists_are_one_client() -> None:
    clients = {seen("10.1.2.3", X_FORWARDED_FOR=f"198.51.{n // 250}.{n % 250}, 203.0.113.9")[0] for n in range(1000)}

    assert clients == {"203.0.113.9"}


def test_the_other_kind_of_header_is_the_clients_own_and_does_not_count() -> None:
    both = {"X_FORWARDED_FOR": "203.0.113.9", "FORWARDED": "for=198.51.100.4;host=shop.example"}

    assert seen("10.1.2.3", **both)[:3] == ("203.0.113.9", "http", "api.internal")
    assert seen("10.1.2.3", headers="Forwarded", **both)[:3] == ("198.51.100.4", "http", "shop.example")


@pytest.mark.parametrize("garbage", ["unknown", "_hidden", "", "10.0.0", "<script>", "203.0.113.9.9", ", ,", "\x7f"])
def test_what_is_no_address_leaves_whoever_said_it(garbage: str) -> None:
    assert seen("10.1.2.3", X_FORWARDED_FOR=f"203.0.113.9, {garbage}")[0] == "10.1.2.3"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_addresses_are_read_as_proxies_write_them(text: str, address: str) -> None:
    assert seen("10.1.2.3", X_FORWARDED_FOR=text)[0] == address
    assert seen("::ffff:10.1.2.3", headers="Forwarded", FORWARDED=f'For="{text}";proto=https')[0] == address


def test_a_scheme_nobody_has_is_not_believed() -> None:
    assert seen("10.1.2.3", X_FORWARDED_FOR="203.0.113.9", X_FORWARDED_PROTO="javascript")[1] == "http"


def test_a_proxy_that_says_scheme_and_host_once_says_them_for_its_client() -> None:
    told = seen(
        "10.1.2.3",
        X_FORWARDED_FOR="203.0.113.9, 10.0.0.5",
        X_FORWARDED_PROTO="https",
        X_FORWARDED_HOST="shop.example",
    )

    assert told == ("203.0.113.9", "https", "shop.example", [])


def test_a_network_of_ipv6_is_counted_as_one_and_no_address_as_nothing() -> None:
    assert counted("2001:db8:1:2:3:4:5:6") == counted("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert counted("::ffff:203.0.113.9") == counted("203.0.113.9") == "203.0.113.9"
    assert [counted(nothing) for nothing in ("", "localhost", "/run/rustok.sock")] == ["", "", ""]
