"""Sends mail: through a server where one is set, else in development into the log. Nobody waits for it.

Neither the address nor the name of who gets it is ever in the log; what is to be done with the mail is, where the log
is all there is.
"""

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import BoundedSemaphore
from typing import Final, Protocol

import structlog

from ops.settings import Settings

MOST_WAITING: Final = 1000
_SERVER_S: Final = 10
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`about` says in one word what it is for, and `user_id` whom: these may be logged."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    about: str
    user_id: str


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Returns at once. What cannot be sent is logged."""

    def close(self) -> None:
        """Returns when what waits was sent."""


class LogMailer:
    """For development: the text is in the log, without who gets it."""

    def send(self, mail: Mail) -> None:
        _log.info("mail_not_sent_but_logged", about=mail.about, user_id=mail.user_id, text=mail.text)

    def close(self) -> None:
        return None


class NoMailer:
    """In production without a server: what would be mailed opens accounts, so only that it was lost is logged."""

    def send(self, mail: Mail) -> None:
        _log.error("mail_dropped", about=mail.about, user_id=mail.user_id)

    def close(self) -> None:
        return None


class SmtpMailer:
    """Sends one after the other in the background; what comes while too many are waiting is dropped, and logged."""

    def __init__(self, deliver: Callable[[Mail], None], most_waiting: int = MOST_WAITING) -> None:
        self._deliver = deliver
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="mail")
        self._places = BoundedSemaphore(most_waiting)

    def send(self, mail: Mail) -> None:
        if not self._places.acquire(blocking=False):
            _log.error("mail_dropped", about=mail.about, user_id=mail.user_id)
            return
        self._worker.submit(self._send, mail)

    def close(self) -> None:
        """Returns when what waits was sent."""
        self._worker.shutdown()

    def _send(self, mail: Mail) -> None:
        try:
            self._deliver(mail)
        except (OSError, smtplib.SMTPException) as failed:
            # A server's answer may repeat the address.
            _log.error("mail_failed", about=mail.about, user_id=mail.user_id, reason=type(failed).__name__)
        finally:
            self._places.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`security`: TLS from the first byte, after a greeting (STARTTLS), or none."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    sender: str

    def deliver(self, mail: Mail) -> None:
        """Raises `OSError` and `SMTPException`."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, mail.to, mail.subject
        message.set_content(mail.text)
        with self._connected() as server:
            if self.user:
                server.login(self.user, self.password)
            server.send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SERVER_S, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=_SERVER_S)
        if self.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return server


def mailer(settings: Settings) -> Mailer:
    """As the settings say."""
    if not settings.smtp_host:
        return NoMailer() if settings.environment == "production" else LogMailer()
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        sender=settings.mail_from,
    )
    return SmtpMailer(server.deliver)
