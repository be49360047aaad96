"""A maintainer changes an event and a fold, and sees what that would do, before anybody else does."""

import json
import os
from typing import Any

import pytest

from tests.support.copies import Copy
from tests.support.examples import newest

EVENT = "product.updated"
FOLD = "sinks/search/product_documents.py"


@pytest.fixture
def changed(tmp_path: Any) -> Copy:
    """`main` is the project as it is; the tree beside it has a new version of an event and shows brands in capitals."""
    copy = Copy.made(tmp_path, os.environ)
    copy.commit()
    copy.new_version(EVENT, "shelf_note: str", '""')
    copy.edit(FOLD, '"brand": product.brand,', '"brand": product.brand and product.brand.upper(),')
    return copy


def asked(copy: Copy, *arguments: str) -> Any:
    return json.loads(copy.rustok("schemas", "impact", EVENT, "--json", *arguments).stdout)


def test_made_events_show_what_would_be_different_without_any_server(changed: Copy) -> None:
    found = asked(changed, "--generated", "40")

    stored, new = (one for one in found["impacts"] if one["model"] == "product-search")
    assert (found["versions"], found["events"]) == ({"running": newest(EVENT), "tree": newest(EVENT) + 1}, 40)
    assert (stored["what"], stored["model"], stored["documents"], stored["parked"]) == (
        "stored",
        "product-search",
        40,
        0,
    )
    assert [field["field"] for field in stored["fields"]] == ["products.brand"]
    example = stored["fields"][0]["examples"][0]
    assert example["after"] == example["before"].upper() != example["before"]
    assert (new["what"], new["parked"], new["changed"]) == ("new", 40, stored["changed"])


def test_an_upcast_that_says_something_else_changes_what_is_stored(tmp_path: Any) -> None:
    copy = Copy.made(tmp_path, os.environ)
    copy.commit()
    copy.edit("schemas/events/product.py", "unit=PIECE", 'unit="gram"')

    (found,) = (one for one in asked(copy, "--generated", "40")["impacts"] if one["model"] == "product-search")

    assert (found["what"], found["parked"], found["refused"]) == ("stored", 0, 0)
    assert found["changed"] > 0
    assert "products.units[]" in [field["field"] for field in found["fields"]]


def test_what_cannot_be_compared_says_why(changed: Copy) -> None:
    done = changed.rustok("schemas", "impact", EVENT, "--against", "git:nowhere", check=False)

    assert done.returncode == 2
    assert "There is no nowhere in this clone" in done.stderr
