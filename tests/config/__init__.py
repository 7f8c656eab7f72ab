"""Tests of the settings, of tocsin.yaml, and of what is made of them."""
