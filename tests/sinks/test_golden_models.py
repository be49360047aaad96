"""A read model that changed without a new version is told of, in words that say what to do."""

from dataclasses import replace

import pytest

from ops.failure import Failure
from sinks import golden_models
from sinks.models import MODELS
from sinks.read_model import ReadModel

SEARCH = MODELS[0]


@pytest.mark.parametrize("listed", MODELS, ids=lambda listed: listed.model.id)
def test_each_read_model_is_what_was_committed_under_its_id(listed):
    assert golden_models.wrong(listed) == ""


def test_there_are_no_golden_files_of_other_versions():
    assert {path.stem for path in golden_models.FOLDER.iterdir()} == {listed.model.id for listed in MODELS}


def another_shape(listed):
    fields = listed.shape["products"] | {"mood": {"type": "keyword"}}
    return replace(listed, shape={**listed.shape, "products": fields})


def another_fold(listed):
    return replace(listed, model=with_folds(listed.model, lambda document: {**document, "brand": "Nobody"}))


def one_field_less(listed):
    return replace(listed, model=with_folds(listed.model, lambda document: {"title": document.get("title")}))


def another_collection(listed):
    first, *others = listed.model.projections
    return replace(listed, model=replace(listed.model, projections=(replace(first, collection="goods"), *others)))


def one_topic_less(listed):
    return replace(listed, model=replace(listed.model, projections=listed.model.projections[:1]))


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
    before = golden_models.path_of(SEARCH.model, tmp_path).read_bytes()
    changed = change(SEARCH)

    told = golden_models.wrong(changed, tmp_path)
    with pytest.raises(Failure):
        golden_models.write(changed, tmp_path)

    assert "Raise the `version`" in told
    assert "rustok sinks golden" in told
    assert golden_models.path_of(SEARCH.model, tmp_path).read_bytes() == before


def test_a_raised_version_gets_a_file_in_the_place_of_the_one_before(tmp_path):
    golden_models.write(SEARCH, tmp_path)
    raised = another_shape(SEARCH)
    raised = replace(raised, model=replace(raised.model, version=raised.model.version + 1))

    missing = golden_models.wrong(raised, tmp_path)
    golden_models.write(raised, tmp_path)

    assert "no golden file" in missing
    assert [path.stem for path in tmp_path.iterdir()] == [raised.model.id]
    assert golden_models.wrong(raised, tmp_path) == ""


def test_a_document_that_changes_without_the_file_is_named(tmp_path):
    golden_models.write(SEARCH, tmp_path)

    told = golden_models.wrong(another_fold(SEARCH), tmp_path)

    assert "documents.category.created v1, example 1.categories.brand" in told
