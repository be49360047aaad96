"""What can people read, and where does it live? Read models, and the stores that hold them."""
