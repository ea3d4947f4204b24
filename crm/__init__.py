"""Ladder CRM of a city science bureau: firms, certifications, deadlines, plans, reports."""
