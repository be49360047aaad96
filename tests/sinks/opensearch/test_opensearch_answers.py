import pytest

from sinks.opensearch.opensearch_answers import read_answer

MAPPING = {"type": "mapper_parsing_exception", "reason": "failed to parse field [n]", "caused_by": {"reason": "why"}}
IMMENSE = {"type": "illegal_argument_exception", "reason": 'Document contains at least one immense term in field="k"'}


@pytest.mark.parametrize("item", [{"status": 201}, {"status": 200}, {"status": 409, "error": {"type": "conflict"}}])
def test_what_is_written_or_there_in_a_newer_version_is_taken(item):
    assert read_answer(item).kind == "taken"


@pytest.mark.parametrize("error", [MAPPING, IMMENSE, {"type": "strict_dynamic_mapping_exception", "reason": "no"}])
def test_what_is_said_about_the_document_itself_is_refused(error):
    answer = read_answer({"status": 400, "error": error})

    assert (answer.kind, error["type"] in answer.reason) == ("refused", True)


@pytest.mark.parametrize(
    ("status", "name", "reason"),
    [
        (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];"),
        (429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
        (429, "rejected_execution_exception", "queue is full"),
        (400, "index_closed_exception", "closed"),
        (400, "illegal_argument_exception", "pipeline with id [x] does not exist"),
        (500, "i_o_exception", "No space left on device"),
        (500, "translog_exception", "Failed to write operation"),
        (503, "unavailable_shards_exception", "primary shard is not active"),
        (400, "an_exception_of_tomorrow", "who knows"),
        (418, "teapot", ""),
    ],
)
def test_everything_else_waits_and_says_why(status, name, reason):
    answer = read_answer({"status": status, "error": {"type": name, "reason": reason}})

    assert answer.kind == "wait"
    assert name in answer.reason
    assert reason in answer.reason


def test_a_missing_index_is_a_lost_store():
    error = {"type": "index_not_found_exception", "reason": "no such index [x]"}

    assert read_answer({"status": 404, "error": error}).kind == "lost"


def test_an_answer_without_words_waits():
    assert read_answer({"status": 500}).kind == "wait"
    assert read_answer({"status": 500, "error": "a text"}).kind == "wait"
