"""Renders the parts of files that follow from the code: `rustok dev render` writes them, each between two marks.

The settings page follows from `Settings`; the services of the compose file and the alert about feeds from the read
models; the tables of the page about growth from what the rooms declare.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops import settings_page
from ops.feeds import all_feeds
from ops.growth import growth_page
from ops.home import project_root
from ops.marked_part import between
from ops.processes import feed_process

_BEGIN: Final = "# rendered: rustok dev render"
_END: Final = "# end of what is rendered"


@dataclass(frozen=True, slots=True)
class Part:
    """`rendered` gives a file's whole text with this part as it should be; all else stays."""

    file: Path
    rendered: Callable[[str], str]


def services() -> str:
    """A service of the compose file for each feed."""
    ours = map(feed_process, all_feeds())
    return "\n\n".join(
        f"  {process.name}:\n    <<: *process\n    command: [{', '.join(process.command)}]" for process in ours
    )


def nobody_feeds() -> str:
    """The expression of the alert: of each read model somebody has to say that it is fed."""
    absent = (f'absent(rustok_feed_active{{feed=~"{feed.name}-v.*"}} == 1)' for feed in all_feeds())
    return "        expr: |\n          " + "\n          or ".join(absent)


def write() -> list[Path]:
    """Writes what is not as it should be, and says where."""
    stale = [part for part in PARTS if part.rendered(part.file.read_text()) != part.file.read_text()]
    for part in stale:
        part.file.write_text(part.rendered(part.file.read_text()))
    return [part.file for part in stale]


PARTS: Final = (
    Part(settings_page.PAGE, settings_page.rendered),
    Part(growth_page.PAGE, growth_page.rendered),
    Part(project_root() / "ops" / "compose.yaml", lambda text: between(text, services(), _BEGIN, _END)),
    Part(project_root() / "ops" / "alerts.yaml", lambda text: between(text, nobody_feeds(), _BEGIN, _END)),
)
