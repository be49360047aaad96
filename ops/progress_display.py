"""Shows how a command is getting on: one line for each piece of work, with its name, what it is doing, and the seconds.

One line for each piece of work: its name, what it is doing, and the seconds. On a terminal the lines move; elsewhere
each is printed once, when its piece is done.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

DONE, FAILED = "[green]✓[/]", "[red]✗[/]"


class Steps:
    """The pieces of one command; those that run at the same time are shown together."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = 20

    @contextmanager
    def together(self) -> Iterator["Board"]:
        """A board for pieces of work; used from several threads."""
        moving = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[piece]}"),
            TextColumn("[dim]{task.description}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )
        shown: AbstractContextManager[Progress | None] = moving if self._console.is_terminal else nullcontext()
        with shown:
            yield Board(self._console, moving, self._width)


class Board:
    def __init__(self, console: Console, moving: Progress, width: int) -> None:
        self._console = console
        self._moving = moving
        self._width = width

    @contextmanager
    def piece(self, name: str) -> Iterator[Callable[[str], None]]:
        """Times the piece; what is given gets a few words about what it is doing. The last words stay."""
        began = time.monotonic()
        task = self._moving.add_task("", piece=name.ljust(self._width))
        words = ""

        def tell(now: str) -> None:
            nonlocal words
            words = now
            self._moving.update(task, description=now)

        sign = FAILED
        try:
            yield tell
            sign = DONE
        finally:
            self._moving.update(task, visible=False)
            seconds = f"{time.monotonic() - began:6.1f} s"
            self._console.print(
                f"{sign} {name.ljust(self._width)} {words.ljust(34)} [dim]{seconds}[/]", highlight=False, soft_wrap=True
            )
