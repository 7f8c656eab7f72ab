"""Whole ways through the house, over real HTTP, with real counterparts and a clock that can be moved."""
