"""The demo, from its recordings to what a newcomer sees."""
