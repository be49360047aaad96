"""A real grocer's year through the whole chain, and the same questions asked of the source beside it."""
