"""Lists words that say little: a query that has others does not ask for them."""

from collections.abc import Mapping
from typing import Final

_LISTED: Final = {
    "cs": "a i o u v na s z ze k do od pro po za bez při je se",
    "da": "en et den det de og i på til af for med fra uden om som er",
    "de": "der die das den dem des ein eine einen einem einer und oder mit ohne für von vom zu zum zur im in am an auf"
    " aus bei ist",
    "en": "a an the and or of for with without to in on at by from is are as",
    "es": "el la los las un una unos unas y o de del para con sin en por a al es",
    "fi": "ja tai on sekä",
    "fr": "le la les un une des du de et ou à au aux en pour avec sans par sur dans est",
    "it": "il lo la i gli le un uno una e o di del della dei delle da per con senza in su a al è",
    "ja": "の に は を が と で へ も や な から まで より",
    "nl": "de het een en of van voor met zonder in op aan bij te uit is",
    "no": "en et ei den det de og i på til av for med fra uten om som er",
    "pl": "i oraz lub w we z ze na do od dla po za bez przy o u jest się",
    "pt": "o a os as um uma uns umas e ou de do da dos das para com sem em no na por é",
    "ro": "un o și sau de la cu fără pentru în din pe este",
    "ru": "и или в во на с со для из от до по за без у о к это",
    "sv": "en ett den det de och i på till av för med från utan om som är",
    "th": "ที่ และ ใน ของ กับ หรือ เป็น จาก สำหรับ",
    "tr": "ve veya ile için bir bu da de",
    "uk": "і й та або в у на з із для від до по за без о к це",
    "zh": "的 了 在 和 是 与 與 或 及",
}
STOP_WORDS: Final[Mapping[str, frozenset[str]]] = {
    language: frozenset(words.split()) for language, words in _LISTED.items()
}


def says_little(lowered_word: str, language: str) -> bool:
    return lowered_word in STOP_WORDS.get(language, ())
