"""Keeps a client of Kafka's administration that answers: one that did not is replaced.

A client whose only broker was fenced for a while can have lost it for good: it answers nothing more, though Kafka does.
"""

from collections import deque
from collections.abc import Callable

from confluent_kafka.admin import AdminClient


class RenewedAdmin:
    """Made when it is first asked for."""

    def __init__(self, make: Callable[[], AdminClient]) -> None:
        self._make = make
        self._client: AdminClient | None = None
        # One that is let go of while its thread still brings answers may be collected there, which ends the process.
        self._before: deque[AdminClient] = deque(maxlen=2)

    @property
    def client(self) -> AdminClient:
        client = self._client
        if client is None:
            self._client = client = self._make()
        return client

    def renew(self) -> None:
        """It did not answer in time. Another thread may be asking for it just now, or be renewing it, too."""
        client, self._client = self._client, None
        if client is not None:
            self._before.append(client)
