"""Decides without I/O what may happen and what follows: a state and a wish give a change, or a refusal."""
