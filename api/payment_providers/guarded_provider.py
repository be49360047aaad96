"""Keeps a payment provider that hangs, fails or answers nonsense from doing harm: it is away, for so long as it is.

Each call is made in a thread of its own and waited for so many seconds. Calls that hang keep few threads; after three
failures in a row nobody is asked for a moment. What a provider raises is logged by the name of its kind only: it may
repeat a token.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from datetime import datetime
from typing import Final, TypeVar

import structlog

from api.domain.errors import Malformed
from api.domain.payment_provider import (
    MOST_OF_A_REASON,
    MOST_OF_A_REFERENCE,
    Charge,
    Declined,
    MoneyBack,
    NotSentBack,
    Outcome,
    PaymentProvider,
    ProviderAway,
    SentBack,
    Succeeded,
    Told,
    Waiting,
)
from ops.circuit_breaker import Breaker

BREAKER: Final = "payment_provider"
#: Calls at a time in one process.
PLACES: Final = 8
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class GuardedCalls:
    """A `PaymentProvider` that raises `ProviderAway` and nothing else, and `NotFromProvider` for a webhook."""

    def __init__(self, provider: PaymentProvider, answer_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._answer_s = answer_s
        self._breaker = Breaker(BREAKER, now_s)
        self._places = threading.BoundedSemaphore(PLACES)

    def require_near(self) -> None:
        if not self._breaker.lets_through():
            raise ProviderAway

    def start(self, charge: Charge) -> Outcome:
        return self._asked("start", lambda: self._provider.start(charge), (Succeeded, Declined, Waiting))

    def refund(self, back: MoneyBack) -> SentBack | NotSentBack:
        return self._asked("refund", lambda: self._provider.refund(back), (SentBack, NotSentBack))

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        told = self._provider.read_webhook(headers, body, now)
        if told is not None and not _makes_sense(told.outcome):
            raise Malformed("That is no webhook of this provider.")
        return told

    def _asked(self, what: str, ask: Callable[[], T], answers: tuple[type[object], ...]) -> T:
        if not self._places.acquire(blocking=False):
            raise ProviderAway
        answer: Future[T] = Future()

        def call() -> None:
            try:
                answer.set_result(ask())
            except BaseException as failed:  # noqa: BLE001  # a provider is somebody else's code: this is its entry point
                answer.set_exception(failed)
            finally:
                self._places.release()

        threading.Thread(target=call, name=f"payment provider {what}", daemon=True).start()
        try:
            failed = answer.exception(self._answer_s)
        except TooLate:
            raise self._away(what, "no answer in time") from None
        if failed is not None:
            raise self._away(what, type(failed).__name__) from None
        said = answer.result()
        if not isinstance(said, answers) or not _makes_sense(said):
            raise self._away(what, "an answer that is none")
        self._breaker.succeeded()
        return said

    def _away(self, what: str, why: str) -> ProviderAway:
        self._breaker.failed()
        _log.warning("payment_provider_away", call=what, reason=why)
        return ProviderAway()


def _makes_sense(said: object) -> bool:
    match said:
        case Succeeded(reference=reference, amount_minor=amount, currency=currency):
            texts = isinstance(reference, str) and isinstance(currency, str) and type(amount) is int
            return texts and 0 < len(reference) <= MOST_OF_A_REFERENCE and "\0" not in reference
        case Declined(reason=reason) | NotSentBack(reason=reason):
            return isinstance(reason, str) and 0 < len(reason) <= MOST_OF_A_REASON and reason.isprintable()
    return True
