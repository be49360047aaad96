"""Names what a process is to feed."""

from dataclasses import dataclass

from ops.feeds import Feed
from ops.instances import Claim
from sinks.read_model import ReadModel


@dataclass(frozen=True, slots=True)
class ToFeed:
    """A read model and how it is fed. With a `claim` everybody can see that it is; readers are led to what it makes
    when it `goes_live`.
    """

    model: ReadModel
    feed: Feed
    claim: Claim | None = None
    goes_live: bool = True
