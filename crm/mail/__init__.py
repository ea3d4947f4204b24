"""Mails as they are built, carried (SMTP or a local outbox) and looked at; knows no feature and no table."""
