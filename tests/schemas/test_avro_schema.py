import json

import pytest

from schemas import avro_schema
from schemas.event_catalogue import BY_TYPE
from schemas.events.order import OrderPaid
from schemas.evolving.derived_files import refresh


def test_the_committed_files_are_what_the_classes_say():
    looked = refresh(None, only_look=True)

    assert (looked.written, looked.refused) == ((), ())


def test_a_file_edited_by_hand_and_one_that_is_nobodys_are_found(tmp_path):
    refresh(None, avsc=tmp_path, golden=tmp_path)
    (tmp_path / "order.paid.v1.avsc").write_text("{}")
    (tmp_path / "order.lost.v1.avsc").write_text("{}")
    (tmp_path / "order.paid.v1.json").unlink()

    looked = refresh(None, only_look=True, avsc=tmp_path, golden=tmp_path)

    assert [path.name for path in looked.written] == ["order.paid.v1.avsc", "order.paid.v1.json", "order.lost.v1.avsc"]


def test_event_type_and_full_name_are_one_name():
    schema = avro_schema.schema(BY_TYPE["product.published"], 1)

    assert f"{schema['namespace']}.{schema['name']}" == "product.published"


def test_a_version_keeps_the_name_its_aggregate_has():
    first = avro_schema.schema(BY_TYPE["order.cancelled"], 1)

    assert (first["namespace"], first["name"]) == ("order", "cancelled")


def test_a_record_is_written_out_once_and_named_afterwards():
    text = json.dumps(avro_schema.schema(BY_TYPE["order.paid"], 1))

    assert text.count('"name": "OrderLine"') == 1


def test_a_type_without_an_agreed_form_is_named():
    with pytest.raises(avro_schema.NotRenderable, match="float"):
        avro_schema._type(float, "order", set())  # noqa: SLF001


def test_the_newest_class_is_found_by_its_event_type():
    assert BY_TYPE["order.paid"].newest is OrderPaid
