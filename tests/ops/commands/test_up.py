"""What `rustok up` says to root."""

from ops.local.bring_up_stack import who_serves


def test_root_is_told_who_serves_and_where_the_stack_is_when_that_one_cannot_enter_the_project() -> None:
    assert who_serves("nobody", reaches_project=True) == (
        "PostgreSQL and OpenSearch refuse to be root, so the servers run as user nobody."
    )
    assert who_serves("nobody", reaches_project=False).endswith(
        "It cannot enter the project's folder; the stack is outside."
    )
