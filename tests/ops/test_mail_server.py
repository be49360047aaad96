"""Mail goes to the server that the settings name, as that server is to be spoken to."""

import smtplib
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from ops.mailers import Mail, MailServer, SmtpMailer, mailer
from ops.settings import Settings
from tests.support.mail_server import MailServer as Taking
from tests.support.mail_server import mail_server

MAIL = Mail(to="anna@shop.example", subject="Grüße", text="For Anna: rtl_x", about="invitation", user_id="u-1")


@pytest.fixture
def there() -> Iterator[Taking]:
    with mail_server() as server:
        yield server


def test_a_mail_is_at_the_server_with_all_that_is_in_it(there: Taking) -> None:
    sender = mailer(
        Settings(smtp_host="127.0.0.1", smtp_port=there.port, smtp_security="none", mail_from="shop@platform.example")
    )
    assert isinstance(sender, SmtpMailer)

    sender.send(MAIL)
    sender.close()

    taken = there.text
    assert b"mail FROM:<shop@platform.example>" in taken
    assert b"rcpt TO:<anna@shop.example>" in taken
    assert b"rtl_x" in taken


def test_nothing_is_sent_in_the_clear_where_tls_was_asked_for(there: Taking) -> None:
    server = MailServer(
        host="127.0.0.1", port=there.port, security="starttls", user="", password="", sender="a@b.example"
    )

    with pytest.raises(smtplib.SMTPException):
        server.deliver(MAIL)

    assert b"anna" not in there.text


def test_in_production_what_cannot_be_sent_is_not_in_the_log_either() -> None:
    with capture_logs() as logged:
        sender = mailer(Settings(environment="production"))
        sender.send(MAIL)
        sender.close()

    assert logged == [
        {"event": "mail_dropped", "log_level": "error", "about": "invitation", "user_id": "u-1"},
    ]
