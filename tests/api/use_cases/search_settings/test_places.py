"""Where a search may lead is read by every browser as it is by whoever wrote it."""

import pytest
from pydantic import TypeAdapter, ValidationError

from api.use_cases.search_settings.commands import Place

PLACE = TypeAdapter[str](Place)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/pages/returns",
        "/a?b=@c#d",
        "/a//b",
        "https://a.example",
        "http://a.example:81/b@c",
        "https://münze.example?q",
    ],
)
def test_a_search_leads_to_another_page_or_to_a_path_of_the_shop(url: str) -> None:
    assert PLACE.validate_python(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "evil.example",
        "javascript:alert(1)",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\x01/evil.example",
        "/a\x85b",
        "\\\\evil.example",
        "https:evil.example",
        "https:///evil.example",
        "https:\\\\evil.example",
        "https://user:pw@evil.example",
        "https://good.example@evil.example",
        "https://good.example\\@evil.example",
        "https://good.example/a\\b",
        "https://good.ex\x7fample",
    ],
)
def test_what_a_browser_takes_for_another_host_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        PLACE.validate_python(url)
