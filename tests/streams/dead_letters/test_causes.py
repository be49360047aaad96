import pytest

from streams.dead_letters.causes import cause, pattern


@pytest.mark.parametrize(
    ("reason", "without_what_differs"),
    [
        ("no schema has the id 65535", "no schema has the id ‹number›"),
        ("the first byte is 0x7b, not 0x00", "the first byte is ‹number›, not ‹number›"),
        ("12 bytes too many after order.paid", "‹number› bytes too many after order.paid"),
        ("field 'total' is \"too\" long", "field ‹text› is ‹text› long"),
        (
            "the key is not the aggregate's id, 0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81: b'other-key'",
            "the key is not the aggregate's id, ‹id›: ‹text›",
        ),
        ("nobody's 'it\\'s' and somebody's", "nobody's ‹text› and somebody's"),
        ("order 0197a0c4-6e5f-7c3a-9b0e-2f4d5c6b7a81 is gone", "order ‹id› is gone"),
        ("at 2026-11-24T06:21:32.429+00:00 it was -1.5", "at ‹time› it was ‹number›"),
        (
            "order.paid with another schema than those known here: v1 to v2",
            "order.paid with another schema than those known here: v1 to v2",
        ),
        ("the body is not order.paid v1: 7", "the body is not order.paid v1: ‹number›"),
    ],
)
def test_reasons_are_alike_but_for_ids_numbers_times_and_quoted_texts(reason, without_what_differs):
    assert pattern(reason) == without_what_differs


def test_dead_letters_of_one_cause_are_one_group():
    assert cause("sales", "order.paid", "Undecodable", "3 bytes") == cause(
        "sales", "order.paid", "Undecodable", "4 bytes"
    )


def test_another_feed_event_error_or_reason_is_another_group():
    groups = {
        cause("sales", "order.paid", "Undecodable", "too short"),
        cause("product-search", "order.paid", "Undecodable", "too short"),
        cause("sales", "order.placed", "Undecodable", "too short"),
        cause("sales", "order.paid", "RefusedByStore", "too short"),
        cause("sales", "order.paid", "Undecodable", "too long"),
    }

    assert len(groups) == 5
