"""What may be asked over HTTP: one blueprint a file."""
