"""Tests of the catalogue of sentences and of the speech that fills them."""
