"""Mail goes to the server that the settings name, as that server is to be spoken to."""

import smtplib
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import ClassVar

import pytest

from ops.mailers import Mail, MailServer, SmtpMailer, mailer
from ops.settings import Settings

MAIL = Mail(to="anna@shop.example", subject="Grüße", text="For Anna: rtl_x", about="invitation", user_id="u-1")


class Server(ThreadingTCPServer):
    """Takes mail as RFC 5321 says, and offers nothing else."""

    daemon_threads = True
    allow_reuse_address = True
    lines: ClassVar[list[bytes]] = []


class Conversation(StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        inside = False
        for line in self.rfile:
            Server.lines.append(line.rstrip())
            if inside:
                inside = line != b".\r\n"
                self.wfile.write(b"" if inside else b"250 taken\r\n")
            elif line.upper().startswith(b"DATA"):
                inside = True
                self.wfile.write(b"354 go on\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 well\r\n")


@pytest.fixture
def port() -> Iterator[int]:
    Server.lines.clear()
    with Server(("127.0.0.1", 0), Conversation) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join(10)


def test_a_mail_is_at_the_server_with_all_that_is_in_it(port: int) -> None:
    sender = mailer(
        Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from="shop@platform.example")
    )
    assert isinstance(sender, SmtpMailer)

    sender.send(MAIL)
    sender.close()

    taken = b"\n".join(Server.lines)
    assert b"mail FROM:<shop@platform.example>" in taken
    assert b"rcpt TO:<anna@shop.example>" in taken
    assert b"rtl_x" in taken


def test_nothing_is_sent_in_the_clear_where_tls_was_asked_for(port: int) -> None:
    server = MailServer(host="127.0.0.1", port=port, security="starttls", user="", password="", sender="a@b.example")

    with pytest.raises(smtplib.SMTPException):
        server.deliver(MAIL)

    assert b"anna" not in b"".join(Server.lines)
