"""The page of settings says what the code says."""

from ops.feeds import all_feeds
from ops.settings import PREFIX, FeedSettings, Settings
from ops.settings_page import BEGIN, END, PAGE, rendered


def test_the_table_is_what_the_code_says() -> None:
    page = PAGE.read_text()

    assert page == rendered(page), "run `rustok dev render` and commit docs/settings.md"


def test_every_setting_has_its_row() -> None:
    page = PAGE.read_text()

    of_feeds = [feed.setting(field) for feed in all_feeds() for field in FeedSettings.model_fields]
    names = [name for name in Settings.model_fields if name != "feed"]
    missing = [name for name in (*names, *of_feeds) if f"| `{PREFIX}{name.upper()}` |" not in page]

    assert missing == []


def test_what_is_written_by_hand_stays() -> None:
    page = rendered(f"# Before\n{BEGIN}\nold rows\n{END}\n# After\n")

    assert page.startswith("# Before\n")
    assert page.endswith("# After\n")
    assert "old rows" not in page
