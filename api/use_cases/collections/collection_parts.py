"""Makes the parts of a collection of what a client sent: texts with handles, a rule, products that are there."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from api.domain import collection_rules
from api.domain.errors import FieldError, Invalid
from api.domain.handles import made_handle
from api.store.unit_of_work import UnitOfWork
from api.use_cases.collections.commands import CollectionTextBody, RuleBody
from schemas.events.collection import CollectionRule, CollectionText, RuleCondition


def texts(
    collection_id: UUID, given: Sequence[CollectionTextBody], old: Sequence[CollectionText] = ()
) -> tuple[CollectionText, ...]:
    """A handle that nobody chose is made once: the address of a collection does not change with its title."""
    known = {text.locale: text.handle for text in old}
    return tuple(
        CollectionText(
            locale=text.locale,
            title=text.title,
            handle=text.handle or known.get(text.locale) or made_handle(collection_id, text.title),
            description=text.description,
            seo_title=text.seo_title,
            seo_description=text.seo_description,
        )
        for text in given
    )


def rule(given: RuleBody | None, named: Mapping[str, UUID] | None = None) -> CollectionRule | None:
    """What was asked for, whether or not it makes sense. `named` are categories by external id; without, it has ids."""
    if given is None:
        return None
    return CollectionRule(
        match=given.match,
        conditions=tuple(
            RuleCondition(
                field=one.field,
                values=tuple(dict.fromkeys(_ids(one.values, named) if one.field == "category" else one.values)),
                currency=one.currency,
                least_minor=one.least_minor,
                most_minor=one.most_minor,
                since_at=one.since_at,
                within_days=one.within_days,
            )
            for one in given.conditions
        ),
    )


def require_categories(work: UnitOfWork, wanted: CollectionRule | None) -> None:
    """Raises `Invalid` that names the categories of a rule which are not there."""
    if wanted is None or collection_rules.wrong(wanted):
        return  # the decision says what is wrong with it
    named = collection_rules.category_ids(wanted)
    there = work.categories.paths([id_ for _, id_ in named]) if named else {}
    if missing := [
        FieldError(f"rule.{field}", "unknown_category", f"There is no category {id_}.")
        for field, id_ in named
        if id_ not in there
    ]:
        raise Invalid("Some categories are not there.", missing)


def require_products(work: UnitOfWork, wanted: Sequence[UUID], held: Sequence[UUID] = ()) -> None:
    """Raises `Invalid` that names the products which are not there; those `held` are."""
    new = set(wanted).difference(held)
    there = work.collections.known_products(new) if new else set()
    if missing := [
        FieldError(f"product_ids.{at}", "unknown_product", f"There is no product {id_}.")
        for at, id_ in enumerate(wanted)
        if id_ in new and id_ not in there
    ]:
        raise Invalid("Some products are not there.", missing)


def _ids(values: Iterable[str], named: Mapping[str, UUID] | None) -> list[str]:
    """Of an id in any of its forms that which is stored; what is none stays as it is, and is refused."""
    return [str(_id(value)) if named is None else str(named.get(value, value)) for value in values]


def _id(text: str) -> UUID | str:
    try:
        return UUID(text)
    except ValueError:
        return text
