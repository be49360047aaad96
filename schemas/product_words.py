"""Says when two of the free words of a product are the same: in any case, whatever is around them."""

from collections.abc import Iterable

from schemas.article_codes import written_code


def word_key(word: str) -> str:
    """The same for words that are one."""
    return written_code(word).casefold()


def distinct_words(words: Iterable[str]) -> tuple[str, ...]:
    """Each once, as it was written first: `Rye` and `rye ` are one word."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(word_key(word), word)
    return tuple(found.values())
