"""The demo: an organisation to throw away, a recorded incident played to it, and somebody who says what to try."""
