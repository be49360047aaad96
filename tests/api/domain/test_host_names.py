import pytest

from api.domain.host_names import host_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("shop.example", "shop.example"),
        ("Shop.EXAMPLE:8080", "shop.example"),
        ("shop.example.:", "shop.example"),
        (" käse.example ", "xn--kse-qla.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--kse-qla.example", "xn--kse-qla.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        ("localhost", "localhost"),
        ("192.0.2.7:80", "192.0.2.7"),
    ],
)
def test_a_host_has_one_name_however_it_is_written(given: str, name: str) -> None:
    assert host_name(given) == name


NONE = ["", ":80", ".", "..", "a..b", "-a.example", "a-.example", "a b", "a/b", "a\x00b", "[::1]:80", "%", "\u3164.x"]
TOO_LONG = ["a" * 64 + ".example", "a." * 126 + "ab.example", "x" * 5000]
MORE_THAN_A_HOST = ["user@shop.example", "shop.example:80:80"]


@pytest.mark.parametrize("given", [*NONE, *TOO_LONG, *MORE_THAN_A_HOST])
def test_what_is_no_host_has_no_name(given: str) -> None:
    assert host_name(given) is None
