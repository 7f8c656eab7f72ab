"""Tests of the web routes, over real HTTP."""
