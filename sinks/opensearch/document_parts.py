"""Lays out a document of several aggregates in OpenSearch, so that each writes its own part of it and no other.

`version` is the document's own, and each object in the list under a part's name has the `id` and `version` of its
aggregate: `{"tenant_id", "shown", "version", …, "stock": [{"id", "version", "shown", …}, …]}`. A script puts a part in
the place of an older one, on the shard, as one step: OpenSearch knows one version of a document only, and the writers
of two parts, in two processes perhaps, must neither wait for nor undo each other. What is gone stays, not shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from sinks.opensearch.opensearch_client import change_of
from sinks.sink import DocumentChange, Part

#: So many writers may be at one document before one has to offer its batch again.
_TRIES: Final = 20
#: Of an object in the list of a part; the fields that a fold makes come to these.
PART_FIELDS: Final[Mapping[str, Any]] = {
    "id": {"type": "keyword"},
    "version": {"type": "long"},
    "shown": {"type": "boolean"},
}
#: Of a document that has parts.
OWN_FIELDS: Final[Mapping[str, Any]] = {"version": {"type": "long"}}

#: A document is another tenant's only when somebody writes under its id on purpose.
_WRITE_OWN: Final = """
def held = ctx._source;
if (held.tenant_id != params.tenant || (held.version != null && held.version > params.own.version)) { ctx.op = 'none' }
else {
  def next = new HashMap(params.own);
  for (name in params.parts) { if (held.containsKey(name)) { next[name] = held[name] } }
  held.clear(); held.putAll(next);
}
"""
_WRITE_PART: Final = """
def held = ctx._source; def part = params.part;
if (held.tenant_id != params.tenant) { ctx.op = 'none'; return }
if (!held.containsKey(params.name)) { held[params.name] = [] }
def all = held[params.name]; int at = 0;
while (at < all.size() && all[at].id.compareTo(part.id) < 0) { at++ }
if (at == all.size() || all[at].id != part.id) { all.add(at, part) }
else if (all[at].version <= part.version) { all[at] = part }
else { ctx.op = 'none' }
"""
_ERASE: Final = """
def held = ctx._source;
if (held.tenant_id != params.tenant) { ctx.op = 'none'; return }
if (params.name == '') {
  if (held.version != params.version) { ctx.op = 'none'; return }
  def left = ['tenant_id': params.tenant, 'shown': false];
  for (name in params.parts) { if (held.containsKey(name)) { left[name] = held[name] } }
  held.clear(); held.putAll(left);
} else {
  def all = held[params.name];
  if (all == null || !all.removeIf(one -> one.id == params.id && one.version == params.version)) { ctx.op = 'none' }
  else if (all.isEmpty()) { held.remove(params.name) }
}
if (held.size() == 2 && ctx.op != 'none') { ctx.op = 'delete' }
"""


def write_action(change: DocumentChange, index: str, parts: Sequence[str]) -> bytes:
    """Two lines of a bulk. `parts` are the names of all that the documents of its collection have."""
    tenant = str(change.tenant_id)
    written = {"version": change.version, "shown": change.document is not None, **(change.document or {})}
    if change.part is None:
        script = _script(_WRITE_OWN, tenant, own={"tenant_id": tenant, **written}, parts=parts)
    else:
        part = {"id": str(change.part.id), **written}
        script = _script(_WRITE_PART, tenant, name=change.part.name, part=part)
    empty = {"tenant_id": tenant, "shown": False}
    return _update(change, index, {"scripted_upsert": True, "script": script, "upsert": empty})


def erase_action(unwanted: DocumentChange, index: str, parts: Sequence[str]) -> bytes:
    """Removes what has this version, and the whole document with the last that was in it."""
    about = {"name": unwanted.part_name, "id": str(unwanted.aggregate_id), "version": unwanted.version}
    return _update(unwanted, index, {"script": _script(_ERASE, str(unwanted.tenant_id), parts=parts, **about)})


def changes_of(collection: str, hit: Mapping[str, Any], parts: Sequence[str]) -> Iterator[DocumentChange]:
    """What a document holds: what it is by itself, and each of its parts, if those of its collection have any."""
    if not parts:
        yield change_of(collection, hit)
        return
    own = dict(hit["_source"])
    tenant_id, id_ = UUID(own.pop("tenant_id")), UUID(hit["_id"])
    lists = {name: own.pop(name, []) for name in parts}
    if "version" in own:
        yield _change(collection, tenant_id, id_, own, None)
    for name, held in lists.items():
        for one in held:
            fields = dict(one)
            yield _change(collection, tenant_id, id_, fields, Part(name, UUID(fields.pop("id"))))


def _change(collection: str, tenant_id: UUID, id_: UUID, fields: dict[str, Any], part: Part | None) -> DocumentChange:
    version, shown = fields.pop("version"), fields.pop("shown")
    return DocumentChange(
        collection=collection,
        tenant_id=tenant_id,
        id=id_,
        version=version,
        document=fields if shown else None,
        part=part,
    )


def _script(source: str, tenant: str, **params: Any) -> dict[str, Any]:
    return {"source": source, "params": {"tenant": tenant, **params}}


def _update(change: DocumentChange, index: str, body: Mapping[str, Any]) -> bytes:
    where = {"_index": index, "_id": str(change.id), "routing": str(change.tenant_id), "retry_on_conflict": _TRIES}
    return b"%b\n%b\n" % (orjson.dumps({"update": where}), orjson.dumps(body))
