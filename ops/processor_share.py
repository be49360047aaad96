"""Lets others have the processor first: whoever serves readers, before whoever makes something beside."""

import os
from typing import Final

_NICE: Final = 10


def let_others_first() -> None:
    """This process, for good, and those it begins from now on."""
    os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
