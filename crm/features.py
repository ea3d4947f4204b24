"""The list of features: which modules bring pages, commands and sentences.

A feature's modules are found by name (views, cli, sentences), so that adding one is adding a folder here.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import click
from flask import Blueprint

from crm.web import sentences

FEATURES = (
    "accounts",
    "territories",
    "audit",
    "desk",
    "firms",
    "imports",
    "certifications",
    "deadlines",
    "reminders",
    "support_plans",
    "activities",
    "exports",
    "demo",
    "operations",
)


def _modules(part: str) -> Iterator[ModuleType]:
    for feature in FEATURES:
        name = f"crm.{feature}.{part}"
        if importlib.util.find_spec(f"crm.{feature}") and importlib.util.find_spec(name):
            yield importlib.import_module(name)


def models() -> list[ModuleType]:
    """Every table, for migrations and the session."""
    return list(_modules("models"))


def blueprints() -> list[Blueprint]:
    """Pages of all features."""
    models()
    return [module.blueprint for module in _modules("views")]


def importers() -> dict[str, Any]:
    """Kinds of lists that features take in (crm/<feature>/importing.py: IMPORTER), by name."""
    return {module.IMPORTER.kind: module.IMPORTER for module in _modules("importing")}


def commands() -> list[click.Command]:
    """Command groups of all features (crm/<feature>/cli.py: COMMANDS)."""
    return [command for module in _modules("cli") for command in module.COMMANDS]


def register_sentences() -> None:
    """Sentences for the refusals of all features, of the spreadsheets reader and of mail addresses."""
    for module in _modules("sentences"):
        sentences.register(module.SENTENCES)
    if importlib.util.find_spec("crm.spreadsheets.sentences"):
        sentences.register(importlib.import_module("crm.spreadsheets.sentences").SENTENCES)
    sentences.register(importlib.import_module("crm.mail.sentences").SENTENCES)
