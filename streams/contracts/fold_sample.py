"""Folds records with the read models of one version of the code, run as a program with that code on its path.

    python -P fold_sample.py < sample.json > outcomes.json

It lives in this tree and is run in others too, so it uses only what all of them have: the decoder, the envelope and the
read models. In: {"texts": {id: schema}, "records": [{"topic", "value", "headers"} | null, …]}, bytes as Latin-1 texts.
Out: {"models": {name: version}, "outcomes": [[{"model", "collection", "id", "document"} | {"model", "parked": reason} |
{"model", "refused": reason}, …], …]}, one list for each record.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from schemas.envelope import from_headers
from schemas.event_codec import Decoder, NewerThanKnown
from sinks import read_models as listing

Outcome = dict[str, Any]
#: In trees of before they had a row with their store around them.
_LISTED: Final = getattr(listing, "READ_MODELS", ()) or [row.model for row in getattr(listing, "MODELS", ())]
#: What is kept as it was written is no other for code that reads it otherwise.
READ_MODELS: Final = [model for model in _LISTED if not getattr(model, "keeps_every_event", False)]


class _Texts:
    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def text_of(self, schema_id: int) -> str | None:
        return self._texts.get(str(schema_id))


def main() -> None:
    sample = json.load(sys.stdin)
    decoder = Decoder(_Texts(sample["texts"]))
    outcomes = [list(_outcomes(decoder, record)) if record else [] for record in sample["records"]]
    models = {model.name: model.version for model in READ_MODELS}
    json.dump({"models": models, "outcomes": outcomes}, sys.stdout, default=str)


def _outcomes(decoder: Decoder, record: dict[str, Any]) -> Iterator[Outcome]:
    headers = [(name, None if value is None else value.encode("latin-1")) for name, value in record["headers"]]
    for model in READ_MODELS:
        if record["topic"] not in {topic.name for topic in model.topics}:
            continue
        try:
            event = decoder.decode(record["value"].encode("latin-1"))
            change = model.projection_of(record["topic"]).fold(from_headers(headers), event)
        except NewerThanKnown as newer:
            yield {"model": model.name, "parked": str(newer)}
        # A feed parks whatever a fold raises, too: it is about this record alone.
        except Exception as bad:  # noqa: BLE001  # deliberately all: see above
            yield {"model": model.name, "refused": f"{type(bad).__name__}: {bad}"}
        else:
            yield {
                "model": model.name,
                "collection": change.collection,
                "id": str(change.id),
                "document": None if change.document is None else dict(change.document),
            }


if __name__ == "__main__":
    main()
