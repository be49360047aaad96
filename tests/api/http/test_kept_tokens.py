from api.http.kept_tokens import KeptToken, KeptTokens


def test_no_more_are_kept_than_there_is_room_for_and_the_longest_unused_goes() -> None:
    kept: KeptTokens[str] = KeptTokens(most=2)
    for name in ("one", "two"):
        kept.keep(name, KeptToken(name, 10, None))
    kept.find("one", 0)

    kept.keep("three", KeptToken("three", 10, None))

    assert [kept.find(name, 0) is not None for name in ("one", "two", "three")] == [True, False, True]


def test_what_has_ended_is_not_known() -> None:
    kept: KeptTokens[str] = KeptTokens()
    kept.keep("one", KeptToken("one", 10, None))

    assert [kept.find("one", at) is not None for at in (9.9, 10, 9.9)] == [True, False, False]


def test_the_text_of_a_token_is_not_kept() -> None:
    kept: KeptTokens[str] = KeptTokens()
    kept.keep("a secret", KeptToken("anna", 10, None))

    assert "a secret" not in repr(vars(kept))
