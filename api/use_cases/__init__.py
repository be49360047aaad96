"""What people may ask and command: one function for each, which knows nothing of HTTP."""
