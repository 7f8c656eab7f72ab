"""Holds no command."""
