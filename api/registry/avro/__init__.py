"""What does an Avro schema say, how is it written down, and who can read whose data? Pure questions, no I/O."""
