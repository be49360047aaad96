"""A server in Java that a test starts and kills itself."""

import subprocess
from pathlib import Path
from typing import Any

from ops.local.program import ServerContext

ENDED_S = 30


class JavaServer:
    """Runs as the servers' user in its folder, where `said.log` has what it says."""

    def __init__(self, around: ServerContext, folder: Path, command: tuple[str, ...]) -> None:
        with (folder / "said.log").open("ab") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said, **self.run_as(around, folder))

    def signal(self, number: int) -> None:
        """Waits until it has ended."""
        self._process.send_signal(number)
        self._process.wait(ENDED_S)

    @staticmethod
    def run_as(around: ServerContext, folder: Path) -> dict[str, Any]:
        user = around.user
        return {"cwd": folder} | ({} if user.is_caller else {"user": user.uid, "group": user.gid, "extra_groups": []})
