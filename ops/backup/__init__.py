"""Takes backups of a stack, and brings a stack back from one."""
