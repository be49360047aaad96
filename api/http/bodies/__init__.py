"""What comes in and goes out as JSON: one module for each kind of thing, and the types of field they share."""
