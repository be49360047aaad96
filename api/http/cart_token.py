"""Names the header in which a visitor shows the token of their cart."""

from typing import Final

HEADER: Final = "X-Cart-Token"
