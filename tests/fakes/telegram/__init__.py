"""A Bot API server of our own: it keeps Telegram's rules, makes trouble when told to, and its people write and press."""
