"""What people command about webhooks, and ask of their deliveries."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool, StringConstraints

from api.domain.webhooks import MOST_EVENT_TYPES, DeliveryState
from api.store.webhooks import DELIVERIES, LIST
from api.use_cases.fields import Input, Moment, Url
from api.use_cases.pages import PageAsked, Several

EventType = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[a-z_.*]+$")]
EventTypes = Annotated[
    list[EventType],
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


class WebhooksAsked(PageAsked):
    TABLE: ClassVar = LIST

    sort: Literal["oldest", "newest"] = "oldest"
    active: bool | None = Field(default=None, description="Only those that are on, or only those that are off.")


class DeliveriesAsked(PageAsked):
    TABLE: ClassVar = DELIVERIES

    sort: Literal["newest", "oldest"] = "newest"
    state: Several[DeliveryState] | None = Field(default=None, description="Any of these.")
    event_type: Several[EventType] | None = Field(default=None, description="Any of these.")
    made_since: Moment | None = Field(default=None, description="At this time or later.")
    made_until: Moment | None = Field(default=None, description="Before this time.")
