"""How is the state in the tables said again? Read, told as events, and sent through the outbox."""
