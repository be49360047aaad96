"""What do consumers and events know of each other? Asked with the running feeds and the stored events in sight."""
