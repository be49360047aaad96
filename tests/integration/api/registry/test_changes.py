import json

import pytest

from ops.settings import Settings
from tests.integration.api.registry.calling import Caller, named, unique
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_the_command_line_says_who_changed_what(servers: Stack, settings: Settings, maintainer: Caller) -> None:
    subject = named()
    schema_id = maintainer.registered(subject, unique("a"))

    as_json = servers.rustok("api", "registry", "changes", "--subject", subject, "--json").stdout
    as_text = servers.rustok("api", "registry", "changes", "--subject", subject).stdout

    (change,) = json.loads(as_json)
    assert (change["actor_id"], change["role"], change["action"]) == ("somebody", "schema", "registered")
    assert f"somebody (schema)  registered  {subject} v1 (id {schema_id})" in as_text


def test_a_subject_nobody_changed_is_answered_with_a_sentence(servers: Stack, settings: Settings) -> None:
    subject = named()

    said = servers.rustok("api", "registry", "changes", "--subject", subject).stdout

    assert said == f"Nothing was ever changed in {subject}.\n"
