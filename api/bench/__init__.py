"""What does the API's own side cost? Benchmarks that `rustok bench` finds."""
