"""Limits of what is said of a product: commands, decisions and the checks of the database keep the same ones."""

from typing import Final

MOST_RELATED: Final = 50
#: A hundred tonnes, and a kilometre.
MOST_WEIGHT_G: Final = 100_000_000
MOST_SIDE_MM: Final = 1_000_000
LONGEST_SEO_TITLE: Final = 300
LONGEST_SEO_DESCRIPTION: Final = 1000
MOST_LISTED: Final = 100
#: A decimal, written out: up to 18 digits before the point and 12 behind it.
NUMBER_PATTERN: Final = r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?"
