"""How does a request reach the application? Sockets, limits, threads of its kind; who waits takes none."""
