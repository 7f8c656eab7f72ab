"""Tests of the alert sources: one contract for all of them, and what each makes of its sender's bodies."""
