from datetime import UTC, datetime
from uuid import UUID

from api.store import column_arrays


def test_texts_are_quoted_so_that_postgres_reads_them_back() -> None:
    assert column_arrays.texts(['a "b" \\c', None, "NULL", "{}"]) == '{"a \\"b\\" \\\\c",NULL,"NULL","{}"}'


def test_everything_else_has_a_plain_form() -> None:
    assert column_arrays.numbers([1, None, -2]) == "{1,NULL,-2}"
    assert column_arrays.ids([UUID(int=1), None]) == "{00000000000000000000000000000001,NULL}"
    assert column_arrays.moments([datetime(2026, 3, 1, tzinfo=UTC)]) == '{"2026-03-01T00:00:00+00:00"}'
    assert column_arrays.blobs([b"\x00\xff", None]) == '{"\\\\x00ff",NULL}'
    assert column_arrays.lists([["a", "b"], []]) == '{"{\\"a\\",\\"b\\"}","{}"}'
