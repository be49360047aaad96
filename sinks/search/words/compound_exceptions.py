"""Lists what a dictionary knows as a word and what is none in a compound: beginnings, endings, and chance.

`Vorstand` is no stand before anything, `Freiheit` ends in no word, and nobody who looks for mate means a *Matratze*.
"""

from collections.abc import Mapping
from typing import Final


def _listed(**words: str) -> Mapping[str, frozenset[str]]:
    return {language: frozenset(one.split()) for language, one in words.items()}


#: Prefixes, little words, and what is left in front when a word is cut at the wrong place.
NEVER_FIRST: Final = _listed(
    de="ab aber all alle als am an andere anders ani ans anti auf aufs aus bei beis bel ber bet bis da dar das dem den"
    " der des dia die dis du durch ein einst ent er erl es ewig fort für ge gege gegen gel gen ger ges get hat hei her"
    " herse hin hink hinter ich ihr im in inn inter ist ja kap kar klei kom komm kon kor lok los mal man mate mini miss"
    " mit mono nach neben nein nor nur ob oder ohne par per pol pos pri pro pul res rück sch sein sem sie so spa spi"
    " stag sub super supp the tran trans tri über übern übers um ums und unter unters ur ver vera verb vers vert viel"
    " vom von vor vors war was weg wer wider widers wie wied wiede wieder wir wo zer zu zuge zum zur",
    nl="aan af als ban be bes best bij bin dat de des die dit door een en er ge hem het hij hun ik in is kat maar man"
    " me men met na naar niet of om onder ont op over per pro te tegen tele toe tot uit van ver voor weg wie wij ze zij"
    " zijn zo",
    sv="all alla att av be bi de den det du en er ett från för ge gar han hon här i in inte jag kan med men mot ni när"
    " och om opp per på ska som struma till under upp ut vi vid var än är över apel chok",
)
#: Endings of words, and words that are mostly found by such.
NEVER_LAST: Final = _listed(
    de="ächter ade agram ahmen ale alle alts alz amme anten ants are aren ären bar bare baren barkeit"
    " chen dern ders den des dung dungen eber eiger eilung eilungen elen eller end ende enden ender ens"
    " ents er eren erei erin erinnen ering erlassen ern ers este esten ester ette etten eure euren"
    " gen gens hafte haften ger gern gers grafie grafien graphie graphien heit heiten ich igen ige ike inge"
    " ingen innen inwohner ion ionen ische ischen isch ismen ismus ist iste isten ität itäten keit keiten kel ken lade"
    " leger lei lein ler lich ling lings lings lose losen los mieren ner nisse"
    " nissen öre olle ovation ratze ratzen rei rer rial rin rinnen ritte ritten rungen rüger"
    " same sam schaft schaften schafts sel sen ser sin sonen ste ster sters stier stag stage stagen"
    " stages stags ständigkeit tand tande tandes tege tel ten tense ter tum uren ung ungen"
    " zen zer zeug",
    nl="aar ate baar der dom een eling en ens er eren erij ers heden heid ing je jes lang lijk ling lingen loos nis"
    " oenen ren schap sel sen ser ste ster telling tellen tellingen ten ter tie den",
    sv="ande ar are arens arna arnas bar de dom else en ende er erna het heten inge ingen ingar is isk iska lad lig"
    " liga ling ligt lighet mör na nar ning ningar ningen or orna por rik sam samma sin skap slampa te",
)
#: So short that others like them are chance, and yet the last word of many.
SHORT: Final = _listed(de="ei öl", nl="ei ui", sv="is ur öl")
