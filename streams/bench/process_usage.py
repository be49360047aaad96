"""Reads what a process has used until now: processor seconds and peak memory, from /proc; zeros where there is none."""

import os
from dataclasses import dataclass
from pathlib import Path

KILOBYTE = 1024
USER_TICKS, SYSTEM_TICKS = 11, 12  # behind the name in parentheses, which may hold blanks


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_s: float = 0.0
    peak_bytes: int = 0


def of(pid: int) -> Usage:
    """Zeros also when the process has ended."""
    folder = Path("/proc") / str(pid)
    try:
        after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        status = (folder / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return Usage()
    ticks = int(after_name[USER_TICKS]) + int(after_name[SYSTEM_TICKS])
    peak = next((int(line.split()[1]) * KILOBYTE for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), peak)
