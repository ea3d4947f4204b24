"""Every reason this package can give has a sentence, and its values fill the sentence."""

from __future__ import annotations

import re
from pathlib import Path

import crm.spreadsheets
from crm.spreadsheets.file_kind import _MAGIC
from crm.spreadsheets.sentences import SENTENCES

SOURCES = [path.read_text() for path in Path(crm.spreadsheets.__file__).parent.glob("*.py")]


def test_every_reason_has_a_sentence():
    raised = set(re.findall(r'(?:RefusedError\(\s*"\w+",|NoValue\(|Note\()\s*"(\w+)"', "".join(SOURCES)))
    raised |= {f"file_{what}" for _, what in _MAGIC} | {"too_many_cells"}
    assert len(raised) > 30
    assert raised - set(SENTENCES) == set()


def test_every_place_of_a_sentence_is_filled_where_it_is_raised():
    for reason, values in re.findall(
        r'RefusedError\(\s*"\w+",\s*"(\w+)"([^()]*(?:\([^()]*\)[^()]*)*)\)', "".join(SOURCES)
    ):
        places = set(re.findall(r"%\((\w+)\)s", str(SENTENCES[reason])))
        assert places <= set(re.findall(r"(\w+)=", values)), reason
