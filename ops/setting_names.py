"""Refuses names of settings that set nothing: one that is mistyped would be passed over in silence.

A name with two underscores in a row is that of a feed's setting, `RUSTOK_FEED__<NAME>__<WHAT>`, and nothing else is.
Of other names only one that is nearly a setting's is refused: somebody's own variables may begin as ours do.
"""

import os
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from ops.failure import Failure
from ops.feeds import all_feeds
from ops.settings import PREFIX, FeedSettings, Settings

_OF_A_FEED: Final = "__"
#: How much of two names is the same: RUSTOK_APIPORT is 0.97 of RUSTOK_API_PORT.
_NEARLY: Final = 0.9


def require_known(settings: Settings, environment: Mapping[str, str] = os.environ) -> None:
    """Raises `Failure` with the first name that sets nothing, where it was read, and the nearest that there is."""
    of_feeds = [f"{PREFIX}{feed.setting(field)}".upper() for feed in all_feeds() for field in FeedSettings.model_fields]
    others = [f"{PREFIX}{field}".upper() for field in Settings.model_fields]
    for name, place in _given(settings, environment):
        known, like = (of_feeds, 0.0) if _OF_A_FEED in name else (others, _NEARLY)
        nearest = [] if name in known else get_close_matches(name, known, 1, cutoff=like)
        if nearest:
            raise Failure(
                f"{name} (in {place}) sets nothing: there is no such setting.",
                f"The nearest is {', '.join(nearest)}; docs/settings.md has all of them.",
            )


def _given(settings: Settings, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    file = settings.folder.env_file
    lines = file.read_text().splitlines() if file.is_file() else []
    written = (line.strip().removeprefix("export ").partition("=") for line in lines)
    for place, values in (
        ("the environment", environment.items()),
        (str(file), ((name.strip(), value.strip()) for name, _, value in written)),
    ):
        for name, value in values:
            if value and name.upper().startswith(PREFIX):
                yield name.upper(), place
