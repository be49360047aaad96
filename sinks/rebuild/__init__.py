"""Makes a read model again beside the one that readers are led to, and leads them there when it is right."""
