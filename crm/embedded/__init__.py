"""The default without servers: `python -m crm.embedded` starts web, worker, beat and a Redis, and ends them.

SQLite file, mails and logs lie in the data folder. Production starts the same programs by its own means.
"""
