import pytest

from api.domain.shown_locale import fallbacks, shown
from tests.support.examples import text


@pytest.mark.parametrize(
    ("asked", "default", "chain"),
    [
        ("de-AT", "en", ("de-AT", "de", "en")),
        ("zh-Hant-TW", "en-GB", ("zh-Hant-TW", "zh-Hant", "zh", "en-GB", "en")),
        ("en-US", "en", ("en-US", "en")),
        (None, "de-CH", ("de-CH", "de")),
    ],
)
def test_a_locale_falls_back_to_its_language_and_then_to_the_shops(
    asked: str | None, default: str, chain: tuple[str, ...]
) -> None:
    assert fallbacks(asked, default) == chain


def test_the_first_text_is_shown_where_none_is_in_the_chain() -> None:
    texts = (text("it", "Pane"), text("de", "Brot"))

    assert shown(texts, ("de-AT", "de", "en")).title == "Brot"
    assert shown(texts, ("fr", "en")).title == "Pane"
