"""What becomes of letters: collected into a table, tried again, shown and decided on at the shell."""
