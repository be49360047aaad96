"""Measures how fast events move, each figure beside a baseline taken in the same run."""
