"""What is raised when somebody has asked too often."""

from api.domain.errors import Refused
from api.http.limits.counters import Counted


class QuotaExceeded(Refused):
    """There is room again in `retry_after_s`, and not before."""

    code = "quota_exceeded"

    def __init__(self, counted: Counted) -> None:
        quota = counted.quota
        super().__init__(f"More than {quota.amount} of these in {quota.window_s} seconds. Ask again later.")
        self.policies = (quota.name,)
        self.retry_after_s = counted.reset_s
