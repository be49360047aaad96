"""What may be asked over HTTP? One blueprint a file; `api.app` puts them together."""
