from datetime import UTC, datetime
from uuid import UUID

from api.store import columns


def test_texts_are_quoted_so_that_postgres_reads_them_back() -> None:
    assert columns.texts(['a "b" \\c', None, "NULL", "{}"]) == '{"a \\"b\\" \\\\c",NULL,"NULL","{}"}'


def test_everything_else_has_a_plain_form() -> None:
    assert columns.numbers([1, None, -2]) == "{1,NULL,-2}"
    assert columns.ids([UUID(int=1), None]) == "{00000000000000000000000000000001,NULL}"
    assert columns.moments([datetime(2026, 3, 1, tzinfo=UTC)]) == '{"2026-03-01T00:00:00+00:00"}'
    assert columns.blobs([b"\x00\xff", None]) == '{"\\\\x00ff",NULL}'
    assert columns.lists([["a", "b"], []]) == '{"{\\"a\\",\\"b\\"}","{}"}'
