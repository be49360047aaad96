"""Titles in the order of their language's alphabet: as people know it, and as ICU has it (DuckDB brings it along)."""

import random
from typing import Final

import duckdb
import pytest

from sinks.search.title_keys import ALPHABETS, title_key

#: By locale, words in order.
IN_ORDER: Final = {
    "be": "ель ёлка зіма іней йод кот уж ўжо фара яма abc",
    "bg": "игра йод щука яма abc",
    "bs": "cesta čaj ćup dan džep đak lav ljeto ljubav nos njiva sat šal zid žaba",
    "cs": "cena čaj důl dům had hrad chata chleba ibis jez rak řeka sen šaty zeď zima žena",
    "da": "abe uge über yde yeti zebra zoo æble ære ärt øl øre özel ål aalborg år",
    "de": "apfel äpfel arzt ärzte ober ofen öl strasse straße uber über zoo",
    "el": "αλφα άλφα βήτα γάμα ώρα abc",
    "es": "cabra chico llama luz nada nino niño nube nuez ñandú oso",
    "et": "sarv šokk zebra žanr tamm vesi was õun äike öö ülo xi",
    "fi": "apina sauna über ydin yeti zebra zoo åland äiti ære öljy øre",
    "fr": "cote coté côte côté élan ete été ode oeuf œuf zèbre",
    "gl": "cabra chico llama luz nada nino niño nube nuez ñandú oso",
    "hr": "cesta čaj ćup dan džep đak lav ljeto nos njiva sat šal zid žaba",
    "hu": "cél cukor cz csap dal dz dzéta dzsem gomb gyár hal lap liba ly lyuk nap nyár ól öl őr ősz sajt szék tej tz"
    " tyúk új ujj űr üveg zab zs zsák",
    "is": "api ás dagur ðb ef él il ís ok ól un út yl ýta zeta þak æði äx ödx öl østur år",
    "lt": "cukrus čia yla įlanka ilgas jis saulė šaltis zona žemė",
    "lv": "cukurs čau gaiss ģimene ila yla īss kaķis ķirsis lapa ļoti nams ņem runa ŗuna sals šis zem zona žurka",
    "nb": "abe uge über yde yeti zebra zoo æble ärt øl øre özel ål aalborg år",
    "nl": "een één eenheid ijs zee",
    "nn": "abe uge über yeti zebra zoo æble ärt øl øre özel ål aalborg år",
    "no": "abe uge über yeti zebra zoo æble ärt øl øre özel ål aalborg år",
    "pl": "ala ale ąb bar cyna ćma ela ęsi lody luk łoś nos ńa oda osa ósmy sok śnieg zebra zyg źle żaba",
    "pt": "acai açaí avo avô zebra",
    "ro": "ac az ăb âc iz în sac sz şah șal tata tz ţap țar",
    "ru": "арбуз борщ еда ёлка ель игра йод книга щука эхо яма abc",
    "sk": "az äb cena čaj had hrad chata ibis oz ôk sad šal zima žena",
    "sl": "cesta čaj ćuk dan đak sat šal zid žaba",
    "sv": "apa über yeti yta ytter zebra zoo åka ål ålder älg ære ärt öl øre östra",
    "tr": "cam çam gaz ğaz halı hızlı ılık ırmak ilk irmak ordu ördek sal şal uzun üzüm",
    "uk": "борщ гора ґанок ера єдність жук ива іній їжак йод книга мʼята щука юшка яма abc",
    "vi": "an àn ăn ân ấn ận da đa em êm on ôn ơn un ưn",
}


def sorted_by_keys(titles: list[str], locale: str) -> list[str]:
    """As OpenSearch compares them."""
    return sorted(titles, key=lambda title: title_key(title, locale).encode())


def sorted_by_icu(words: list[str], locale: str) -> list[str]:
    asked = f"SELECT word FROM (SELECT unnest(?) AS word) ORDER BY icu_sort_key(word, '{locale}'), word"
    with duckdb.connect() as database:
        return [word for (word,) in database.execute(asked, [words]).fetchall()]


@pytest.mark.parametrize("locale", IN_ORDER)
def test_titles_are_in_the_order_of_their_own_alphabet(locale: str) -> None:
    words = IN_ORDER[locale].split()
    mixed = random.Random(locale).sample(words, len(words))

    assert sorted_by_keys(mixed, locale) == words
    assert sorted_by_icu(mixed, locale) == words


def test_every_letter_of_every_alphabet_was_tried() -> None:
    own = {
        (locale, letter)
        for locale, rows in ALPHABETS.items()
        for row in rows
        for letter in row.replace("<", " ").split()
    }

    assert {(locale, letter) for locale, letter in own if letter not in IN_ORDER[locale]} == set()


def test_a_locale_is_sorted_as_its_language() -> None:
    assert title_key("Ñandú", "es-MX") == title_key("ñandú", "ES_ar") != title_key("ñandú", "en")


def test_letters_come_before_accents_and_signs_do_not_count() -> None:
    titles = ["“Alien”", "alien 3", "Alien, the sign", "álien-the-sign", "(B)", "c", "Ålien"]

    assert sorted_by_keys(titles, "en") == [
        "“Alien”",
        "Ålien",
        "alien 3",
        "Alien, the sign",
        "álien-the-sign",
        "(B)",
        "c",
    ]
    assert title_key("C++", "en") == title_key("(c)", "en")


def test_capitals_are_sorted_as_their_small_letters_also_in_turkish() -> None:
    assert sorted_by_keys(["İlk", "IRMAK", "ilik", "HIZ"], "tr") == ["HIZ", "IRMAK", "ilik", "İlk"]
    assert sorted_by_keys(["ÖL", "Zoo", "ål", "Ålder"], "sv") == ["Zoo", "ål", "Ålder", "ÖL"]


def test_what_ends_comes_before_what_goes_on() -> None:
    assert sorted_by_keys(["Bread knife", "breadth", "Bread", "Bréad"], "en") == [
        "Bread",
        "Bréad",
        "Bread knife",
        "breadth",
    ]


def test_a_title_of_any_length_and_any_signs_has_a_key() -> None:
    assert len(title_key("ệ" * 5000, "vi")) < 300
    assert [title_key(title, "en")[0] for title in ("", "…", "\U0001f9c0", "\x00")] == ["\x01"] * 4
