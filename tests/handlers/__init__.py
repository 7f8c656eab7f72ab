"""Tests of what reacts: commands, timers, loops and web routes."""
