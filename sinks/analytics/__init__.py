"""Read models for people who count. One file each: its shape, its fold and its queries."""
