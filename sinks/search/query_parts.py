"""Divides the words of a query into what has to be found: single words, and words that have synonyms together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sinks.search.words.asked_words import AskedWord
from sinks.search.words.own_words import OwnWords, Phrase


@dataclass(frozen=True, slots=True)
class Part:
    """Words of the query from its word `at` on. With `others` it is also found by one of these; `inner` are the same
    words in smaller parts, none for a single word.
    """

    at: int
    words: tuple[AskedWord, ...]
    others: tuple[Phrase, ...] = ()
    inner: tuple["Part", ...] = ()

    @property
    def little(self) -> bool:
        """It need not be there."""
        return all(one.little for one in self.words) and not self.others


def parts_of(asked: Sequence[AskedWord], own: OwnWords) -> tuple[Part, ...]:
    """In the order of the query. Of what overlaps the longer has its way, then the earlier."""
    return tuple(_parts(asked, own, 0, own.longest))


def all_parts(parts: Sequence[Part]) -> Iterator[Part]:
    """These, and the smaller ones in them."""
    for part in parts:
        yield part
        yield from all_parts(part.inner)


def _parts(asked: Sequence[AskedWord], own: OwnWords, begin: int, longest: int) -> list[Part]:
    found: list[Part] = []
    at = 0
    while at < len(asked):
        part = _longest_at(asked, own, begin, at, longest) or Part(begin + at, (asked[at],))
        found.append(part)
        at += len(part.words)
    return found


def _longest_at(asked: Sequence[AskedWord], own: OwnWords, begin: int, at: int, longest: int) -> Part | None:
    for length in range(min(longest, len(asked) - at), 0, -1):
        words = tuple(asked[at : at + length])
        if others := own.others_of(words):
            inner = _parts(words, own, begin + at, length - 1) if length > 1 else ()
            return Part(begin + at, words, others, tuple(inner))
    return None
