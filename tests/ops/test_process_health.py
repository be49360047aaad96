"""What a process says it lacks, in the words of its page of health."""

import json

import pytest

from ops.process_health import lacking


def test_only_what_is_not_well_is_named() -> None:
    checks = {
        "postgres": {"ok": True, "detail": "is well"},
        "schemas": {"ok": False, "detail": "no ids"},
        "sales": {"ok": False, "detail": "no file"},
    }

    assert lacking(json.dumps({"status": "not ready", "checks": checks}).encode()) == "schemas: no ids; sales: no file"


@pytest.mark.parametrize("page", [b"", b"<html>", b"[]", b'{"checks": [1]}'])
def test_a_page_of_another_kind_is_no_reason_to_fail(page: bytes) -> None:
    assert lacking(page) == "does not say why it is not ready"
