"""The servers that tests talk to: PostgreSQL, Redis, Chromium. Each module is a pytest plugin."""
