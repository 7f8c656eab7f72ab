"""Holds no sentence."""
