"""Makes a product of what a client sent: names looked up, variants recognised, handles made."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from api.domain.errors import FieldError, Invalid
from api.domain.handles import made_handle
from api.domain.products import with_ancestors
from api.store.unit_of_work import UnitOfWork
from api.use_cases.products.attribute_values import typed
from api.use_cases.products.category_paths import Path
from api.use_cases.products.commands import (
    ImageBody,
    ImportedProduct,
    NewProduct,
    NewVariant,
    OptionTextsBody,
    ProductTextBody,
    VariantChange,
)
from schemas.article_codes import code_key
from schemas.events.product import Image, OptionTexts, Price, Product, ProductText, ValueTexts, Variant
from schemas.product_attributes import attribute_texts
from schemas.product_words import distinct_words
from schemas.units import PIECE


def assemble(
    given: NewProduct | ImportedProduct,
    *,
    product_id: UUID,
    status: str,
    placed: Sequence[Path],
    related_ids: Sequence[UUID],
    work: UnitOfWork,
    old: Product | None,
) -> Product:
    """A whole product, as wanted. With `old`, its variants are recognised by id or SKU and its handles are kept."""
    made = variants(work, given.variants, () if old is None else old.variants)
    attributes = typed(given.attributes)
    return Product(
        id=product_id,
        external_id=given.external_id,
        status=status,
        brand=given.brand,
        translations=texts(product_id, given.translations, made[0].sku, () if old is None else old.translations),
        category_ids=tuple(path[-1] for path in placed),
        category_path_ids=with_ancestors(placed),
        options=options(made) if given.options is None else tuple(given.options),
        variants=made,
        images=images(given.images),
        tags=distinct_words(given.tags),
        attributes=attribute_texts(attributes),
        option_texts=option_texts(given.option_texts),
        typed_attributes=attributes,
        related_ids=tuple(dict.fromkeys(related_ids)),
        created_at=work.now if old is None else old.created_at,
        updated_at=work.now,
    )


def variants(work: UnitOfWork, given: Sequence[NewVariant], old: Sequence[Variant]) -> tuple[Variant, ...]:
    """Raises `Invalid` for the id of a variant that the product has not got, or that is named twice. A
    variant that is there keeps its unit where none is said: what its price and its stock are of changes by no omission.
    """
    ids = _variant_ids(given, old)
    units = {variant.id: variant.unit for variant in old}
    return tuple(
        Variant(
            id=known or work.new_id(),
            sku=one.sku,
            barcode=one.barcode,
            option_values=one.option_values,
            prices=tuple(
                Price(currency=price.currency, amount_minor=price.amount_minor, compare_at_minor=price.compare_at_minor)
                for price in one.prices
            ),
            weight_g=one.weight_g,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
            image_url=one.image_url,
            unit=one.unit or (PIECE if known is None else units[known]),
        )
        for one, known in zip(given, ids, strict=True)
    )


def _variant_ids(given: Sequence[NewVariant], old: Sequence[Variant]) -> list[UUID | None]:
    """Which variant each is; None: a new one. One that is named by its id is nobody else by its old SKU."""
    there = {variant.id for variant in old}
    named = [one.id if isinstance(one, VariantChange) else None for one in given]
    wrong = [
        FieldError(f"variants.{at}.id", "unknown_variant", f"The product has no variant {id_}.")
        for at, id_ in enumerate(named)
        if id_ is not None and id_ not in there
    ]
    if len(set(filter(None, named))) != len(named) - named.count(None):
        wrong.append(FieldError("variants", "repeated", "A variant is named twice."))
    if wrong:
        raise Invalid("Some variants are not there.", wrong)
    by_sku = {code_key(variant.sku): variant.id for variant in old if variant.id not in named}
    return [id_ or by_sku.get(code_key(one.sku)) for id_, one in zip(named, given, strict=True)]


def texts(
    product_id: UUID, given: Sequence[ProductTextBody], first_sku: str, old: Sequence[ProductText]
) -> tuple[ProductText, ...]:
    """A handle that nobody chose is made once: the address of a product does not change with its title."""
    known: Mapping[str, str] = {text.locale: text.handle for text in old}
    return tuple(
        ProductText(
            locale=text.locale,
            title=text.title,
            handle=text.handle or known.get(text.locale) or made_handle(product_id, text.title, first_sku),
            subtitle=text.subtitle,
            description=text.description,
            seo_title=text.seo_title,
            seo_description=text.seo_description,
        )
        for text in given
    )


def options(made: Sequence[Variant]) -> tuple[str, ...]:
    """Every option the variants name, in the order they come up."""
    return tuple(dict.fromkeys(name for variant in made for name in variant.option_values))


def option_texts(given: Sequence[OptionTextsBody]) -> tuple[OptionTexts, ...]:
    return tuple(
        OptionTexts(
            code=option.code,
            names=option.names,
            values=tuple(ValueTexts(code=value.code, names=value.names) for value in option.values),
        )
        for option in given
    )


def texts_of_these(option_texts: Sequence[OptionTexts], codes: Sequence[str]) -> tuple[OptionTexts, ...]:
    """Those of options that the product still has."""
    return tuple(option for option in option_texts if option.code in codes)


def images(given: Sequence[ImageBody]) -> tuple[Image, ...]:
    return tuple(Image(url=image.url, alt=image.alt) for image in given)
