"""`rustok schemas doc` writes what it knows, and says what nobody has told it."""

import os
from pathlib import Path

from tests.support.copies import Copy


def test_a_field_that_nobody_explained_is_named_with_the_line_to_write(tmp_path: Path) -> None:
    copy = Copy.made(tmp_path, os.environ)
    copy.edit("schemas/field_meanings.py", '    "sku": ', '    "nothing": ')
    (tmp_path / "docs").mkdir()

    done = copy.rustok("schemas", "doc", check=False)

    assert done.returncode == 1
    assert done.stdout.startswith("wrote docs/event-catalogue.md\n")
    assert '"Variant.sku": "…",' in done.stdout
    assert (tmp_path / "docs/event-catalogue.md").exists()
