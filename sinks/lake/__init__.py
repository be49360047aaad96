"""Shows the analytics to engines that read Iceberg: the same Parquet files, as tables in a catalogue."""
