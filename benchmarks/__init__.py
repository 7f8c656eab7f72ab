"""Figures, not tests: how fast and how large Tocsin is on this machine, beside a program that people know."""
