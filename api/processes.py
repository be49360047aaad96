"""How does a command become a server? Gunicorn takes its place, with a folder in which its processes count together."""

import os
import shutil
import sys

from ops.settings import PREFIX, Settings


def become(settings: Settings, app: str, *, counting: str, port: int) -> None:
    """Does not come back."""
    folder = settings.folder.run / counting
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # A process of its own from here on: prometheus_client looks for the folder when it is imported.
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), f"{PREFIX}API_PORT": str(port)}
    command = [sys.executable, "-m", "gunicorn", "--config", "python:api.serving", app]
    os.execve(sys.executable, command, environment)  # noqa: S606  # a fixed command, no shell
