"""Points at the mistake when Python cannot read the events: the file, the line, and what is wrong with it."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Final

from schemas.evolving.event_source import SourceFile
from schemas.evolving.violations import Violation

_ROOM: Final = Path(__file__).parents[1]
_GONE: Final = re.compile(r"cannot import name '(\w+)' from 'schemas\.events'.*")
_ANNOTATION: Final = "get_type_hints"


def mistake_in(failed: Exception) -> Violation | None:
    """What is wrong with the files that say which events there are. None when that is not what `failed`."""
    place = _place(failed)
    if place is None:
        return None
    file, line = place
    if isinstance(failed, SyntaxError) and (conflict := _conflict(file)):
        return _unsolved(file, conflict)
    if isinstance(failed, ImportError) and (gone := _GONE.fullmatch(failed.msg or "")):
        return _file_gone(f"schemas/events/{gone[1]}.py")
    where = f"{file.relative_to(_ROOM.parent).as_posix()}:{line}"
    said = failed.msg if isinstance(failed, SyntaxError) else str(failed)
    return Violation(
        rule="not-python",
        where=where,
        what=f"{type(failed).__name__}: {said}",
        why="nothing can be said of events before Python can read them",
        fix=f"mend it there: {_line(file, line)}",
    )


def _unsolved(file: Path, line: int) -> Violation:
    return Violation(
        rule="merge-conflict",
        where=f"{file.relative_to(_ROOM.parent).as_posix()}:{line}",
        what="two branches changed the same lines, and nobody has decided between them yet",
        why="nothing can be said of events before Python can read them",
        fix="keep what main has; if both made the same version, then `rustok schemas new-version` for yours: it takes"
        " the next number",
    )


def _file_gone(path: str) -> Violation:
    return Violation(
        rule="event-removed",
        where=path,
        what="it is gone",
        why="its events are stored for ever, and nobody could read them",
        fix=f"git checkout HEAD -- {path}",
    )


def _conflict(file: Path) -> int:
    """The line where the first one begins; 0 for none."""
    lines = file.read_text(errors="replace").splitlines()
    return next((number for number, text in enumerate(lines, start=1) if text.startswith("<<<<<<< ")), 0)


def _place(failed: Exception) -> tuple[Path, int] | None:
    if isinstance(failed, SyntaxError) and _tells_events(failed.filename or ""):
        return Path(failed.filename or ""), failed.lineno or 1
    is_imported = False
    found = None
    for frame, line in walk_tb(failed.__traceback__):
        if _tells_events(frame.f_code.co_filename):
            is_imported = is_imported or frame.f_code.co_name == "<module>"
            found = (Path(frame.f_code.co_filename), line) if is_imported else None
        elif isinstance(failed, NameError | SyntaxError) and frame.f_code.co_name == _ANNOTATION:
            found = _annotation(frame, getattr(failed, "name", None)) or found
    return found


def _tells_events(file: str) -> bool:
    path = Path(file)
    return path.parent == _ROOM / "events" or (
        path.parent == _ROOM and path.stem in ("aggregates", "event_catalogue", "field_meanings", "topics")
    )


def _annotation(frame: FrameType, unknown: str | None) -> tuple[Path, int] | None:
    """The line of a field whose type is written as a text, which Python reads only when somebody asks for it."""
    cls = frame.f_locals.get("obj")
    file = getattr(sys.modules.get(getattr(cls, "__module__", "")), "__file__", None) or ""
    if not isinstance(cls, type) or not _tells_events(file):
        return None
    lines = _lines_with(SourceFile(Path(file).read_text()).classes[cls.__name__], unknown)
    return next(((Path(file), line) for line in lines), None)


def _lines_with(node: ast.ClassDef, name: str | None) -> Iterator[int]:
    for statement in node.body:
        if name and isinstance(statement, ast.AnnAssign) and name in ast.unparse(statement.annotation):
            yield statement.lineno
    yield node.lineno


def _line(file: Path, number: int) -> str:
    lines = file.read_text().splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else "at the end of the file"
