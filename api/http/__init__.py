"""The API over HTTP: its routes and bodies, who may call them, and the server in front of them."""
