"""What happens to every request on its way in and out, whatever it asks."""
