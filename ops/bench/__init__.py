"""What is measured? Nothing here: the other rooms bring their benchmarks."""
