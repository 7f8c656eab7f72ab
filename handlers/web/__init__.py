"""What reacts to HTTP: webhooks, the JSON API, the built-in room, and the guards before them."""
