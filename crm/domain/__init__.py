"""The rules of the field, pure Python: no web, database, clock or setting inside."""
