import smtplib
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from ops.mailers import LogMailer, Mail, SmtpMailer, mailer
from ops.settings import Settings

MAIL = Mail(to="anna@shop.example", subject="Hello Anna", text="rtl_secret", about="invitation", user_id="u-1")


def test_without_a_server_the_text_is_in_the_log_and_the_address_is_not() -> None:
    with capture_logs() as logged:
        LogMailer().send(MAIL)

    assert logged[0]["text"] == "rtl_secret"
    assert "anna" not in str(logged).lower()


def test_mail_is_delivered_in_the_background_in_its_order() -> None:
    delivered: list[Mail] = []
    sender = SmtpMailer(delivered.append)

    for at in range(3):
        sender.send(Mail(to="a@b", subject=str(at), text="", about="password", user_id="u"))
    sender.close()

    assert [mail.subject for mail in delivered] == ["0", "1", "2"]


@pytest.mark.parametrize("error", [smtplib.SMTPRecipientsRefused({"anna@shop.example": (550, b"no")}), OSError("away")])
def test_what_cannot_be_sent_is_logged_without_whom_it_was_for(error: Exception) -> None:
    def deliver(_: Mail) -> None:
        raise error

    with capture_logs() as logged:
        sender = SmtpMailer(deliver)
        sender.send(MAIL)
        sender.close()

    assert [(line["event"], line["reason"]) for line in logged] == [("mail_failed", type(error).__name__)]
    assert "anna" not in str(logged).lower()
    assert "rtl_secret" not in str(logged)


def test_who_sends_does_not_wait_and_what_is_too_much_is_dropped() -> None:
    goes_on = Event()
    delivered: list[Any] = []

    def deliver(mail: Mail) -> None:
        goes_on.wait(10)
        delivered.append(mail)

    sender = SmtpMailer(deliver, most_waiting=2)
    with capture_logs() as logged:
        for _ in range(3):
            sender.send(MAIL)
    goes_on.set()
    sender.close()

    assert len(delivered) == 2
    assert [line["event"] for line in logged] == ["mail_dropped"]


def test_the_settings_say_which() -> None:
    assert isinstance(mailer(Settings(smtp_host="")), LogMailer)
    assert isinstance(mailer(Settings(smtp_host="mail.example")), SmtpMailer)


def test_what_is_printed_of_a_mail_tells_nobody_anything() -> None:
    assert "anna" not in repr(MAIL)
    assert "rtl_secret" not in repr(MAIL)
