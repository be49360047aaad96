"""What does a benchmark print? The same as those of every room."""

from ops.bench.figures import Figure, show, tell

__all__ = ["Figure", "show", "tell"]
