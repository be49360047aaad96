"""Payment providers for tests: one that keeps a ledger of what it really took, and the desks that ask it."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.domain.payment_provider import Charge, MoneyBack, Outcome, SentBack, Succeeded, Told, Waiting
from api.payment_providers.choose_provider import desk_with
from api.payment_providers.simulated_provider import NAME, SimulatedProvider, secret_of
from api.use_cases.payments.payment_desk import PaymentDesk
from ops.sealed_secrets import Seal

KEY = "k" * 40
SECRET = secret_of(KEY)


class Ledger:
    """Takes money once for each key, as real ones do, and behaves as a test says when it is asked.

    `asked` counts by order. `before` and `after` are called in `start`, before and after the money is taken; either may
    raise or wait.
    """

    def __init__(self) -> None:
        self.taken: dict[UUID, Charge] = {}
        self.sent: dict[UUID, MoneyBack] = {}
        self.asked: Counter[UUID] = Counter()
        self.before: Callable[[Charge], None] = lambda _: None
        self.after: Callable[[Charge], None] = lambda _: None
        self.answer: Callable[[Charge], Any] = took
        self.refuse_refunds = False
        self._lock = threading.Lock()
        self._webhooks = SimulatedProvider(SECRET, nowhere)

    def taken_for(self, order_id: str) -> int:
        """How many charges there are; what tests before have left is asked about, too."""
        return sum(str(charge.order_id) == order_id for charge in self.taken.values())

    def sent_of(self, payment_id: str) -> list[MoneyBack]:
        return [back for back in self.sent.values() if str(back.payment_id) == payment_id]

    def start(self, charge: Charge) -> Outcome:
        with self._lock:
            self.asked[charge.order_id] += 1
        self.before(charge)
        with self._lock:
            self.taken.setdefault(charge.payment_id, charge)
        self.after(charge)
        said: Outcome = self.answer(charge)
        return said

    def refund(self, back: MoneyBack) -> SentBack:
        if self.refuse_refunds:
            raise ConnectionError("nobody there")
        with self._lock:
            self.sent.setdefault(back.refund_id, back)
        return SentBack()

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        return self._webhooks.read_webhook(headers, body, now)


def took(charge: Charge) -> Succeeded:
    return Succeeded(reference=f"ref/{charge.payment_id}", amount_minor=charge.amount_minor, currency=charge.currency)


def waits(charge: Charge) -> Waiting:
    return Waiting()


def nowhere(headers: Mapping[str, str], body: bytes, after_s: float) -> None:
    """A `Deliver` that loses what it is given."""


def desk(provider: Any, *, answer_s: float = 5, waits_for: timedelta = timedelta(hours=1)) -> PaymentDesk:
    bare = PaymentDesk(seal=Seal(KEY), waits=waits_for, ask_again=timedelta(seconds=30))
    return desk_with(bare, NAME, provider, answer_s)


def simulated() -> PaymentDesk:
    """The provider `test`, whose late webhooks are lost."""
    return desk(SimulatedProvider(SECRET, nowhere))
