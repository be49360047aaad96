"""Read models for people who look for something. One file each: its shape, its fold and its queries."""
