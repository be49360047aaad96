"""Has PostgreSQL carry its log into a folder, segment by segment, and bring it back from there.

A segment is there as a whole or not at all, compressed; one that is there is never replaced by another of its name.
"""

import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ops.clients import postgres

CONFIG: Final = """\
archive_mode = on
archive_command = '/bin/sh "{script}" "%p" "%f"'
archive_timeout = {every_s}
"""
#: Said in PostgreSQL's log when it gives anything but 0; it is tried again for ever then.
ARCHIVE: Final = """\
#!/bin/sh
# archive_segment PATH NAME, written by `rustok up`
set -e
folder={folder}
target="$folder/$2.gz"
if [ -e "$target" ]; then
    if [ "$(gzip -dc "$target" | cksum)" = "$(cksum < "$1")" ]; then exit 0; fi
    echo "$target is there and is another: two servers archive into one folder" >&2
    exit 1
fi
arriving="$folder/.$2.arriving"
gzip -1 -n -c < "$1" > "$arriving"
sync "$arriving"
ln "$arriving" "$target"
rm "$arriving"
sync "$folder"
"""
#: 1: there is no such segment. 126: there is one and it cannot be had, which ends the recovery: nothing is left out.
FETCH: Final = """\
#!/bin/sh
# fetch_segment NAME PATH, written by `rustok restore`
folder={folder}
if [ -e "$folder/$1.gz" ]; then gzip -dc "$folder/$1.gz" > "$2" || exit 126
elif [ -e "$folder/$1" ]; then cp "$folder/$1" "$2" || exit 126
else exit 1
fi
"""
#: One that has no archive looks nowhere.
FETCH_NOTHING: Final = "#!/bin/sh\nexit 1\n"
SEGMENT_BYTES: Final = 16 * 1024 * 1024
_SEGMENT: Final = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.gz)?")


def archive_script(folder: Path) -> str:
    return ARCHIVE.format(folder=shlex.quote(str(folder)))


def fetch_script(folder: Path | None) -> str:
    return FETCH_NOTHING if folder is None else FETCH.format(folder=shlex.quote(str(folder)))


def config(script: Path, every_s: float) -> str:
    """The lines for `postgresql.conf`."""
    return CONFIG.format(script=script, every_s=max(1, round(every_s)))


def wake(url: str) -> None:
    """Has a server that was just started keep its time: else it begins to do so at its first checkpoint, in minutes.

    Its checkpointer sleeps through the end of the start, and only then asks whether there is anything to archive.
    """
    with postgres.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")


def missing(names: Iterable[str], end_lsn: str) -> str | None:
    """The first segment that a recovery from a base backup with this end lacks, though later ones are there."""
    there = {_number(match) for name in names if (match := _SEGMENT.fullmatch(name))}
    first = _segment_of(end_lsn)
    after = {number for number in there if number >= first}
    if not after:
        return None
    absent = next((number for number in range(first, max(after)) if number not in there), None)
    return None if absent is None else _name(absent)


def _number(match: re.Match[str]) -> int:
    """The same place in the log has the same number in every history."""
    return int(match[2], 16) * (2**32 // SEGMENT_BYTES) + int(match[3], 16)


def _segment_of(lsn: str) -> int:
    high, low = lsn.split("/")
    return ((int(high, 16) << 32) + int(low, 16)) // SEGMENT_BYTES


def _name(number: int) -> str:
    log, segment = divmod(number, 2**32 // SEGMENT_BYTES)
    return f"…{log:08X}{segment:08X}"
