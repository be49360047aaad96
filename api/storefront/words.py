"""What the pages themselves say, in each language that they speak: one table. Other languages are shown the first."""

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final = ("en", "de")
#: What languages call themselves; others are shown by their code.
_OWN_NAMES: Final = {
    "ar": "العربية", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "en": "English", "es": "Español", "fi": "Suomi",
    "fr": "Français", "he": "עברית", "it": "Italiano", "ja": "日本語", "ko": "한국어",
    "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ru": "Русский", "sv": "Svenska", "tr": "Türkçe",
    "uk": "Українська", "zh": "中文",
}  # fmt: skip
#: Languages that are written from right to left.
_FROM_THE_RIGHT: Final = frozenset({"ar", "dv", "fa", "he", "ps", "ur", "yi"})

#: By what is meant: in the order of LANGUAGES.
_TABLE: Final[Mapping[str, tuple[str, str]]] = {
    "skip": ("Skip to the content", "Zum Inhalt springen"),
    "search": ("Search", "Suche"),
    "search_for": ("Search the shop", "Im Laden suchen"),
    "show": ("Show", "Anzeigen"),
    "language": ("Language", "Sprache"),
    "currency": ("Currency", "Währung"),
    "cart": ("Cart", "Warenkorb"),
    "my_order": ("My order", "Meine Bestellung"),
    "pieces": ("pieces", "Stück"),
    "departments": ("Categories", "Kategorien"),
    "products": ("Products", "Produkte"),
    "all": ("All", "Alle"),
    "home": ("Start", "Start"),
    "results": ("Results", "Ergebnisse"),
    "one_result": ("1 product", "1 Produkt"),
    "many_results": ("{number} products", "{number} Produkte"),
    "for_words": ("for “{words}”", "für „{words}“"),
    "nothing": ("Nothing was found.", "Es wurde nichts gefunden."),
    "nothing_hint": (
        "Try other or fewer words, or leave out something that you chose.",
        "Versuchen Sie andere oder weniger Wörter, oder lassen Sie eine Auswahl weg.",
    ),
    "match_loose": (
        "Nothing has exactly these words. Shown is what is spelt alike or begins with them.",
        "Nichts hat genau diese Wörter. Gezeigt wird, was ähnlich geschrieben ist oder so beginnt.",
    ),
    "match_some": (
        "Nothing has all of these words. Shown is what has at least half of them.",
        "Nichts hat alle diese Wörter. Gezeigt wird, was wenigstens die Hälfte davon hat.",
    ),
    "did_you_mean": ("Did you mean:", "Meinten Sie:"),
    "redirect": ("The shop has a page about this:", "Der Laden hat dazu eine Seite:"),
    "about_this": ("Pages about this", "Seiten dazu"),
    "information": ("Information", "Informationen"),
    "posts": ("News", "Neues"),
    "no_posts": ("There is no news yet.", "Es gibt noch nichts Neues."),
    "older": ("Older", "Ältere"),
    "filters": ("Narrow down", "Eingrenzen"),
    "chosen": ("Chosen", "Ausgewählt"),
    "remove": ("Remove", "Entfernen"),
    "remove_all": ("Remove all", "Alle entfernen"),
    "sort": ("Sort by", "Sortieren nach"),
    "sort_relevance": ("Best match", "Beste Treffer"),
    "sort_price_asc": ("Price: low to high", "Preis aufsteigend"),
    "sort_price_desc": ("Price: high to low", "Preis absteigend"),
    "sort_newest": ("Newest", "Neueste"),
    "sort_title": ("Name", "Name"),
    "category": ("Category", "Kategorie"),
    "brand": ("Brand", "Marke"),
    "tag": ("Tag", "Schlagwort"),
    "price": ("Price", "Preis"),
    "price_from": ("From", "Von"),
    "price_to": ("To", "Bis"),
    "no_amount": ("This is no amount, as 12.50 is.", "Das ist kein Betrag wie 12,50."),
    "price_order": ("The upper price is below the lower one.", "Der obere Preis liegt unter dem unteren."),
    "in_stock_only": ("In stock only", "Nur Lieferbares"),
    "in_stock": ("In stock", "Lieferbar"),
    "out_of_stock": ("Out of stock", "Nicht lieferbar"),
    "stock_unknown": ("Availability cannot be told just now", "Ob lieferbar, ist gerade nicht bekannt"),
    "from_price": ("from {price}", "ab {price}"),
    "no_price": ("No price in {currency}", "Kein Preis in {currency}"),
    "was": ("before", "vorher"),
    "lowest": (
        "Lowest price of the 30 days before: {price}",
        "Niedrigster Preis der 30 Tage davor: {price}",
    ),
    "tax_in": ("tax included", "inkl. Steuer"),
    "tax_out": ("plus tax", "zzgl. Steuer"),
    "more": ("Show more", "Mehr anzeigen"),
    "less": ("Show less", "Weniger anzeigen"),
    "more_values": ("The list has more values than are shown.", "Es gibt mehr Werte, als hier stehen."),
    "pages": ("Pages", "Seiten"),
    "page": ("Page {number}", "Seite {number}"),
    "previous": ("Back", "Zurück"),
    "next": ("Next", "Weiter"),
    "variants": ("Choose", "Wählen Sie"),
    "quantity": ("Quantity", "Anzahl"),
    "add": ("Add to cart", "In den Warenkorb"),
    "added": ("It is in your cart.", "Es liegt im Warenkorb."),
    "article": ("Article", "Artikel"),
    "details": ("Details", "Einzelheiten"),
    "related": ("More of this kind", "Mehr davon"),
    "bought": ("Bought together", "Zusammen gekauft"),
    "yes": ("yes", "ja"),
    "no": ("no", "nein"),
    "cart_empty": ("There is nothing in your cart.", "Ihr Warenkorb ist leer."),
    "go_on": ("Look around", "Weiter stöbern"),
    "total_of_line": ("Sum", "Summe"),
    "change": ("Change", "Ändern"),
    "take_out": ("Take out", "Herausnehmen"),
    "take_out_named": ("Take out: {title}", "Herausnehmen: {title}"),
    "quantity_of": ("Quantity of {title}", "Anzahl von {title}"),
    "price_changed": (
        "The price is another one than when you put it in.",
        "Der Preis ist ein anderer als beim Hineinlegen.",
    ),
    "where_to": ("Where it goes", "Wohin es geht"),
    "country": ("Country, two letters", "Land, zwei Buchstaben"),
    "country_hint": ("For example AT, DE or US", "Zum Beispiel AT, DE oder US"),
    "postal_code": ("Postal code", "Postleitzahl"),
    "shipping": ("Shipping", "Versand"),
    "code": ("Code", "Gutscheincode"),
    "use": ("Apply", "Übernehmen"),
    "subtotal": ("Subtotal", "Zwischensumme"),
    "discount": ("Discount", "Rabatt"),
    "tax": ("Tax", "Steuer"),
    "tax_included": ("of which tax", "davon Steuer"),
    "total": ("Total", "Gesamt"),
    "to_checkout": ("To checkout", "Zur Kasse"),
    "checkout": ("Checkout", "Kasse"),
    "contact": ("Contact", "Kontakt"),
    "email": ("E-mail", "E-Mail"),
    "name": ("Name", "Name"),
    "line1": ("Street and number", "Straße und Hausnummer"),
    "line2": ("Address, second line (optional)", "Adresszusatz (freiwillig)"),
    "city": ("City", "Ort"),
    "place_order": ("Order now", "Zahlungspflichtig bestellen"),
    "not_ordered": ("Nothing was ordered yet.", "Es wurde noch nichts bestellt."),
    "look_again": (
        "Something changed meanwhile. Look through it again.",
        "Inzwischen hat sich etwas geändert. Bitte sehen Sie es noch einmal durch.",
    ),
    "not_done": ("That did not work.", "Das ging nicht."),
    "order": ("Order", "Bestellung"),
    "thanks": ("Thank you for your order.", "Danke für Ihre Bestellung."),
    "no_order": ("This browser knows of no order here.", "Dieser Browser kennt hier keine Bestellung."),
    "status": ("Status", "Stand"),
    "status_pending": ("waits for payment", "wartet auf Zahlung"),
    "status_confirmed": ("confirmed", "bestätigt"),
    "status_paid": ("paid", "bezahlt"),
    "status_shipped": ("on its way", "unterwegs"),
    "status_delivered": ("delivered", "zugestellt"),
    "status_cancelled": ("cancelled", "storniert"),
    "pay": ("Pay", "Bezahlen"),
    "pay_now": ("Pay {amount}", "{amount} bezahlen"),
    "pay_test": (
        "The test provider takes no real money: choose what becomes of the payment.",
        "Der Testanbieter nimmt kein echtes Geld: wählen Sie, was aus der Zahlung wird.",
    ),
    "pay_success": ("It succeeds", "Sie gelingt"),
    "pay_decline": ("It is declined", "Sie wird abgelehnt"),
    "pay_late": ("It succeeds after a while", "Sie gelingt nach einer Weile"),
    "declined": (
        "The payment was declined, and nothing was taken.",
        "Die Zahlung wurde abgelehnt, abgebucht wurde nichts.",
    ),
    "pay_waits": (
        "The payment is under way. Load this page again in a moment.",
        "Die Zahlung läuft. Laden Sie diese Seite gleich noch einmal.",
    ),
    "history": ("What became of it", "Was daraus wurde"),
    "step_placed": ("ordered", "bestellt"),
    "step_payment_started": ("payment begun", "Zahlung begonnen"),
    "step_payment_succeeded": ("payment succeeded", "Zahlung gelungen"),
    "step_payment_declined": ("payment declined", "Zahlung abgelehnt"),
    "step_confirmed": ("confirmed", "bestätigt"),
    "step_paid": ("paid", "bezahlt"),
    "step_shipped": ("sent", "versandt"),
    "step_delivered": ("delivered", "zugestellt"),
    "step_cancelled": ("cancelled", "storniert"),
    "step_refunded": ("money sent back", "Geld zurückgeschickt"),
    "parcel": ("Parcel", "Paket"),
    "fresh": ("Search shows everything up to", "Die Suche zeigt alles bis"),
    "fresh_ago": ("{seconds} s ago", "vor {seconds} s"),
    "state_building": (
        "The search is being filled and lacks what is still to come.",
        "Die Suche wird gerade gefüllt, einiges fehlt noch.",
    ),
    "state_gap": (
        "Some changes may be missing from the search; its operators know.",
        "In der Suche fehlen vielleicht Änderungen; der Betrieb weiß davon.",
    ),
    "state_unknown": (
        "Nobody can say just now how fresh the search is.",
        "Wie aktuell die Suche ist, kann gerade niemand sagen.",
    ),
    "error_400": ("This cannot be asked.", "So lässt sich das nicht fragen."),
    "error_403": ("This shop is closed.", "Dieser Laden ist geschlossen."),
    "error_403_form": (
        "This form was not sent from a page of ours, or is older than your cookies. Go back, load the page again and"
        " send it once more.",
        "Dieses Formular kam nicht von unserer Seite oder ist älter als Ihre Cookies. Gehen Sie zurück, laden Sie die"
        " Seite neu und senden Sie es noch einmal.",
    ),
    "error_404": ("There is nothing here.", "Hier ist nichts."),
    "error_404_hint": (
        "It may have been sold out of the range, or the address is mistyped.",
        "Vielleicht gehört es nicht mehr zum Sortiment, oder die Adresse ist vertippt.",
    ),
    "error_429": ("You ask very often.", "Sie fragen sehr oft."),
    "error_503": ("The shop cannot answer just now.", "Der Laden kann gerade nicht antworten."),
    "again_in": ("Try again in {seconds} s.", "Versuchen Sie es in {seconds} s noch einmal."),
    "error_500": ("Something went wrong here.", "Hier ist etwas schiefgegangen."),
    "error_number": ("Number of this error", "Nummer dieses Fehlers"),
    "suggestions": ("Suggestions", "Vorschläge"),
    "suggestions_told": ("{number} suggestions", "{number} Vorschläge"),
    "widgets_told": (
        "The same shop with the widgets that npm has of InstantSearch, which ask this host.",
        "Derselbe Laden mit den Bausteinen, die npm von InstantSearch hat; sie fragen diesen Host.",
    ),
    "needs_script": (
        "This page needs JavaScript; the others do not.",
        "Diese Seite braucht JavaScript, die anderen nicht.",
    ),
    "as_of": ("as of", "Stand"),
    "field_bad": ("This is not as it should be.", "Das ist so nicht richtig."),
}


class Words:
    """Those of a locale; `words.cart` is what a cart is called. A word that is in no table is an error of ours."""

    def __init__(self, locale: str) -> None:
        own = locale.partition("-")[0]
        self.language = own if own in LANGUAGES else LANGUAGES[0]
        self.direction = "rtl" if own in _FROM_THE_RIGHT else "ltr"
        self._at = LANGUAGES.index(self.language)

    def __getattr__(self, name: str) -> str:
        try:
            return _TABLE[name][self._at]
        except KeyError:
            raise AttributeError(name) from None

    def of(self, kind: str, value: str) -> str:
        """Of a value of a kind, such as the status of an order; one that is not in the table says itself."""
        found = _TABLE.get(f"{kind}_{value}")
        return value.replace("_", " ") if found is None else found[self._at]


def own_name(locale: str) -> str:
    """`Deutsch`, and `Deutsch (AT)` for `de-AT`."""
    language, _, rest = locale.partition("-")
    name = _OWN_NAMES.get(language, language)
    return f"{name} ({rest})" if rest else name


def direction_of(locale: str) -> str:
    return Words(locale).direction
