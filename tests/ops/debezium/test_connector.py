"""The connector's properties say the same as the agreement that capture follows."""

from ops.debezium import connect
from ops.settings import Settings
from schemas import outbox_row, topics


def properties() -> dict[str, str]:
    lines = connect.CONNECTOR.read_text().replace("\\\n  ", "").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_header_is_placed_in_its_order() -> None:
    placed = properties()["transforms.outbox.table.fields.additional.placement"].split(",")

    assert placed == [
        f"{column}:header" if column == header else f"{column}:header:{header}" for header, column in outbox_row.HEADERS
    ]


def test_a_row_goes_to_the_topic_of_its_aggregate() -> None:
    replacement = properties()["transforms.outbox.route.topic.replacement"]

    assert replacement == topics.of_aggregate("${routedByValue}")


def test_the_outbox_is_the_table_that_is_captured() -> None:
    assert properties()["table.include.list"] == f"public.{outbox_row.TABLE}"


def test_a_capture_that_stands_by_sees_it_alive() -> None:
    sign_every_s = int(properties()["status.update.interval.ms"]) / 1000

    assert sign_every_s < Settings.model_fields["capture_evict_after_s"].default / 2
