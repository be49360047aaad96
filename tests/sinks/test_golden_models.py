"""A read model that changed without a new version is told of, in words that say what to do."""

from dataclasses import replace

import pytest

from ops.failure import Failure
from sinks import golden_models
from sinks.analytics.event_archive import MODEL as ARCHIVE
from sinks.read_model import ReadModel
from sinks.read_models import READ_MODELS
from sinks.stores import InOpenSearch

SEARCH = READ_MODELS[0]


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.id)
def test_each_read_model_is_what_was_committed_under_its_id(model):
    assert golden_models.wrong(model) == ""


def test_there_are_no_golden_files_of_other_versions():
    assert {path.stem for path in golden_models.FOLDER.iterdir()} == {model.id for model in READ_MODELS}


def another_shape(model):
    fields = model.store.shape["products"] | {"mood": {"type": "keyword"}}
    return replace(model, store=InOpenSearch({**model.store.shape, "products": fields}))


def another_fold(model):
    return with_folds(model, lambda document: {**document, "brand": "Nobody"})


def one_field_less(model):
    return with_folds(model, lambda document: {"title": document.get("title")})


def another_collection(model):
    first, *others = model.projections
    return replace(model, projections=(replace(first, collection="goods"), *others))


def one_topic_less(model):
    return replace(model, projections=model.projections[:1])


def with_folds(model: ReadModel, changed) -> ReadModel:
    def other(fold):
        def folded(envelope, event):
            change = fold(envelope, event)
            return replace(change, document=change.document and changed(change.document))

        return folded

    return replace(model, projections=tuple(replace(one, fold=other(one.fold)) for one in model.projections))


@pytest.mark.parametrize("change", [another_shape, another_fold, one_field_less, another_collection, one_topic_less])
def test_a_changed_read_model_of_the_same_version_is_told_of_and_its_file_is_kept(change, tmp_path):
    golden_models.write(SEARCH, tmp_path)
    before = golden_models.path_of(SEARCH, tmp_path).read_bytes()
    changed = change(SEARCH)

    told = golden_models.wrong(changed, tmp_path)
    with pytest.raises(Failure):
        golden_models.write(changed, tmp_path)

    assert "Raise the `version`" in told
    assert "rustok sinks golden" in told
    assert golden_models.path_of(SEARCH, tmp_path).read_bytes() == before


def test_a_raised_version_gets_a_file_in_the_place_of_the_one_before(tmp_path):
    golden_models.write(SEARCH, tmp_path)
    raised = another_shape(SEARCH)
    raised = replace(raised, version=raised.version + 1)

    missing = golden_models.wrong(raised, tmp_path)
    golden_models.write(raised, tmp_path)

    assert "no golden file" in missing
    assert [path.stem for path in tmp_path.iterdir()] == [raised.id]
    assert golden_models.wrong(raised, tmp_path) == ""


def test_a_document_that_changes_without_the_file_is_named(tmp_path):
    golden_models.write(SEARCH, tmp_path)

    told = golden_models.wrong(another_fold(SEARCH), tmp_path)

    assert "documents.category.created v1, example 1.categories.brand" in told


def test_an_archive_may_come_to_read_more_and_its_file_follows(tmp_path):
    before = replace(ARCHIVE, projections=ARCHIVE.projections[:-1])
    golden_models.write(before, tmp_path)

    told = golden_models.wrong(ARCHIVE, tmp_path)
    golden_models.write(ARCHIVE, tmp_path)

    assert "run `rustok sinks golden`" in told
    assert "Raise the `version`" not in told
    assert golden_models.wrong(ARCHIVE, tmp_path) == ""
    assert "Raise the `version`" in golden_models.wrong(before, tmp_path)
