"""How often somebody may ask: quotas by settings, who counts against which, and where the counters are."""
