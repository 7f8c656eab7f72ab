"""Real counterparts (PostgreSQL, Prometheus, Alertmanager, Chromium) as pytest fixtures."""
