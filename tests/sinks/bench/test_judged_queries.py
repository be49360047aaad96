"""What was judged is about articles that there are, and half of it is held back."""

import pytest

from sinks.bench.judged_queries import LANGUAGES, grocer_queries, told_articles, told_queries


def test_every_query_is_answered_by_articles_that_are_told_in_every_language() -> None:
    articles = told_articles()
    keys = {article.key for article in articles}

    assert len(articles) == len(keys) == 60
    assert all(article.titles.keys() == set(LANGUAGES) and all(article.titles.values()) for article in articles)
    assert all(query.grades.keys() <= keys and query.grades for query in told_queries())
    assert {grade for query in told_queries() for grade in query.grades.values()} == {1, 2, 3}
    assert {query.locale for query in told_queries()} == set(LANGUAGES)


def test_the_halves_of_each_language_are_of_like_size() -> None:
    for language in LANGUAGES:
        of_it = [query.is_held_back for query in told_queries() if query.locale == language]

        assert 0.3 < sum(of_it) / len(of_it) < 0.7


def test_an_article_of_the_grocer_has_the_grade_of_the_first_pattern_that_fits_its_type() -> None:
    with pytest.raises(ValueError, match="no article of the grocer answers 'frozen pizza'"):
        grocer_queries({"1": "SUGAR"})
