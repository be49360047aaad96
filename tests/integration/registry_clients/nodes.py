"""What Node's clients of a registry say of records: each is a script beside the lock file of its packages."""

import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.support.node_packages import installed
from tests.support.node_packages import run as run_node

HERE: Final = Path(__file__).parent / "node"


def run(script: str, software: Path, *, url: str, user_info: str, subject: str, records: Sequence[bytes]) -> Any:
    """What the script says of these records."""
    told = {
        "url": url,
        "userInfo": user_info,
        "subject": subject,
        "records": [b64encode(record).decode() for record in records],
    }
    return json.loads(run_node(HERE / script, folder=installed(software, HERE), told=json.dumps(told)))
