"""Tells an operator in two sentences why something cannot be done: what is so, and what to do about it.

By two sentences: what is so, and what to do about it. The entry point prints them and exits with 2; everything that
is not a `Failure` is a defect and keeps its traceback.
"""


class Failure(Exception):
    """What is so, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
