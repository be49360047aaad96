"""What survives when everything is killed at random? Writers, a schedule of blows, and the accounts at the end."""
