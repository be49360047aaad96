"""Says what fills the disks, by what, and who removes it."""
