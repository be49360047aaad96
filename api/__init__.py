"""What may people ask and command? The HTTP door, the decisions behind it and the tables they are kept in."""
