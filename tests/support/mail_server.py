"""A server that takes mail as RFC 5321 says, offers nothing else, and keeps what it was given."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


class MailServer(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.lines: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def text(self) -> bytes:
        """All of it as it came."""
        return b"\n".join(self.lines)

    @property
    def mails(self) -> list[str]:
        """What was written in each."""
        parts = self.text.split(b"\ndata\n")[1:]
        return [str(message_from_bytes(part.partition(b"\n.\n")[0], policy=default).get_content()) for part in parts]


class _Conversation(StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        inside = False
        for line in self.rfile:
            self.server.lines.append(line.rstrip())
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


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)
