"""Changes what is agreed without breaking anybody: prepares new versions, compares, checks and publishes them."""
