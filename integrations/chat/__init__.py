"""The chats that Tocsin speaks in, one file or folder each."""
