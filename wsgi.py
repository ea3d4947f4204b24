"""Web entry; `flask` finds the application here."""

from crm.app import create_app

app = create_app()
