"""What may happen, and what follows from it? Decisions without I/O: a state and a wish give events, or a refusal."""
