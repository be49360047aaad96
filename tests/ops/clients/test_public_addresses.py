"""What strangers name is reached at public addresses only, however the others are written."""

from ipaddress import ip_address

import pytest

from ops.clients.public_addresses import NotAllowed, PrivateHosts, is_public, target_of

NONE = PrivateHosts()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.1",
        "::", "::1", "::127.0.0.1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
    ],
)  # fmt: skip
def test_what_only_we_reach_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_what_everybody_reaches_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook", "ftp://shop.example", "https://", "https:///x", "https://a b.example",
        "//x.example",
        "https://user:password@shop.example", "https://shop.example/#x", "https://shop.example:0", "https://x:99999",
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest",
        "https://shop.example\r\nX: y", "https://shöp.example", "https://[::1", "https://x.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_url_to_send_to_is_said(url: str) -> None:
    with pytest.raises(NotAllowed):
        target_of(url, NONE)


def test_a_setting_allows_hosts_and_networks_and_nothing_beside() -> None:
    private = PrivateHosts.of("127.0.0.0/8, hooks.internal ,fd00::5")

    assert private.allow("x.example", ip_address("127.0.0.1"))
    assert private.allow("Hooks.Internal", ip_address("10.0.0.1"))
    assert private.allow("x.example", ip_address("fd00::5"))
    assert not private.allow("x.example", ip_address("10.0.0.1"))
    assert not private.allow("x.example", ip_address("fd00::6"))
    target = target_of("http://hooks.internal:8000/in?a=b", private)
    assert (target.host, target.port, target.path, target.authority) == (
        "hooks.internal", 8000, "/in?a=b", "hooks.internal:8000",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        target_of("http://10.0.0.1/", private)
