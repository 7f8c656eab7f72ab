"""Tests: sentences that assert outcomes, against fakes of ports and real local servers."""
