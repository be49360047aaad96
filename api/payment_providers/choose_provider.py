"""Makes the payment provider that the settings name, of those that are installed.

Each is an entry point in the group `rustok.payment_providers`: its name, and a function from the settings to a
`PaymentProvider`. What else a provider needs it reads from the environment itself.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Final

from api.domain.payment_provider import PaymentProvider
from api.payment_providers.deliver_webhooks import OwnApi
from api.payment_providers.guarded_provider import GuardedCalls
from api.payment_providers.simulated_provider import NAME, SimulatedProvider, secret_of
from api.use_cases.payments.payment_desk import PaymentDesk
from ops.failure import Failure
from ops.sealed_secrets import Seal
from ops.settings import Settings

GROUP: Final = "rustok.payment_providers"
SHORTEST: Final = 32
Make = Callable[[Settings], PaymentProvider]


def make_simulated(settings: Settings) -> SimulatedProvider:
    """The provider `test`."""
    url = f"http://127.0.0.1:{settings.api_port}/v1/payments/webhooks/{NAME}"
    return SimulatedProvider(secret_of(settings.payment_key.get_secret_value()), OwnApi(url))


def payment_desk(settings: Settings) -> PaymentDesk:
    """Raises a `Failure` for a provider that is not installed, and where there is no good key."""
    name, key = settings.payment_provider, settings.payment_key.get_secret_value()
    desk = PaymentDesk(
        seal=Seal(key),
        waits=timedelta(minutes=settings.payment_waits_min),
        ask_again=timedelta(seconds=2 * settings.payment_answer_s + 10),
    )
    if not name:
        return desk
    if len(key) < SHORTEST:
        raise Failure(
            f"There is no good key for payments: it has fewer than {SHORTEST} characters.",
            "`rustok up` makes one; the API and the scheduler need the same RUSTOK_PAYMENT_KEY.",
        )
    return desk_with(desk, name, _made(settings, name), settings.payment_answer_s)


def desk_with(desk: PaymentDesk, name: str, provider: PaymentProvider, answer_s: float) -> PaymentDesk:
    """The same desk, with this provider behind a guard."""
    return PaymentDesk(
        name=name,
        provider=GuardedCalls(provider, answer_s),
        seal=desk.seal,
        waits=desk.waits,
        ask_again=desk.ask_again,
    )


def _made(settings: Settings, name: str) -> PaymentProvider:
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in installed:
        raise Failure(
            f"There is no payment provider {name}: there are {', '.join(sorted(installed)) or 'none'}.",
            "Install it, or name another one in RUSTOK_PAYMENT_PROVIDER.",
        )
    make: Make = installed[name].load()
    return make(settings)
