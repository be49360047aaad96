"""Shards and copies of an index, beside what is set."""

from sinks.opensearch.index_spread import ALONE, IndexSpread, SpreadDifference, differences, spread_of

DESCRIBED = {"settings": {"index": {"number_of_shards": "4", "number_of_replicas": "1", "uuid": "x"}}}


def test_what_opensearch_says_of_an_index_is_its_spread() -> None:
    assert spread_of(DESCRIBED) == IndexSpread(shards=4, copies=1)


def test_only_the_number_of_copies_can_be_changed_while_it_is_there() -> None:
    found = list(differences("i", ALONE, IndexSpread(shards=4, copies=1)))

    assert found == [
        SpreadDifference(index="i", setting="number_of_shards", wanted=1, found=4),
        SpreadDifference(index="i", setting="number_of_replicas", wanted=0, found=1),
    ]
    assert [one.live for one in found] == [False, True]


def test_one_that_is_as_set_has_no_difference() -> None:
    assert list(differences("i", ALONE, ALONE)) == []
