"""What people command about webhooks, and ask of their deliveries."""

from typing import Annotated

from pydantic import Field, StrictBool, StringConstraints

from api.domain.webhooks import MOST_EVENT_TYPES, DeliveryState
from api.use_cases.fields import Input, Url
from api.use_cases.pages import PageAsked

EventTypes = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z_.*]+$")]],
    Field(min_length=1, max_length=MOST_EVENT_TYPES),
]
Description = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]


class NewWebhook(Input):
    url: Url = Field(description="Where events are sent to: https, at a public address.")
    event_types: EventTypes = Field(description="Which: `order.paid`, all of an aggregate `order.*`, or `*`.")
    description: Description = Field(default="", description="For people.")
    active: StrictBool = Field(default=True, description="Whether anything is sent.")


class WebhookChange(Input):
    """What is missing stays as it is."""

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    active: StrictBool | None = Field(
        default=None, description="What waited is sent when it is switched on again; what happens meanwhile is not."
    )


class DeliveriesAsked(PageAsked):
    state: DeliveryState | None = None
