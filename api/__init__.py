"""The HTTP API: what people may ask and command, the decisions behind it, and the tables it is kept in."""
