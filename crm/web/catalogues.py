"""English catalogue: collect every Chinese sentence in use, and hold the catalogue against them.

python -m crm.web.catalogues --update    adds new sentences (empty), drops those no longer used
python -m crm.web.catalogues --check     ends with 1 where a sentence lacks English or loses a %(place)s
python -m crm.web.catalogues --missing   prints the sentences without English
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = ROOT / "crm" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)[sd]")


def collected() -> Catalog:
    """Every sentence in use, with where it stands."""
    catalogue = Catalog(project="ladder crm", charset="utf-8")
    for folder, methods in (
        ("crm", [("**.py", "python")]),
        ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
    ):
        options = {"**.html": {"silent": "false", "trimmed": "true"}, "**.txt": {"silent": "false"}}
        for path, _line, message, _comments, context in extract_from_dir(
            ROOT / folder, methods, options_map=options, keywords=KEYWORDS
        ):
            catalogue.add(message, None, [(f"{folder}/{path}", 1)], context=context)
    return catalogue


def english() -> Catalog:
    """The catalogue as it lies in the repository."""
    if not ENGLISH.exists():
        return Catalog(locale="en", charset="utf-8")
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def update() -> int:
    """Bring the file up to what is in use; returns how many sentences lack English."""
    catalogue = english()
    catalogue.update(collected(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, catalogue, width=0, sort_output=True, omit_header=False, no_location=True)
    return len(_lacking(catalogue))


def _lacking(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id and not _is_translated(message)]


def _is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(texts)


def problems() -> list[str]:
    """What keeps the interface from being complete in English."""
    have = english()
    found = []
    for message in collected():
        if not message.id:
            continue
        known = have.get(message.id, message.context)
        text = message.id if isinstance(message.id, str) else message.id[0]
        if known is None or not _is_translated(known):
            found.append(f"no English: {text}")
            continue
        wanted = set(PLACES.findall(text)) - {"num"}
        shown = known.string if isinstance(known.string, (tuple, list)) else (known.string,)
        if any(set(PLACES.findall(one or "")) - {"num"} != wanted for one in shown):
            found.append(f"places differ: {text}")
    return found


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    if "--update" in arguments:
        print(f"{update()} sentences lack English")
        return 0
    if "--missing" in arguments:
        print("\n".join(problems()))
        return 0
    found = problems()
    for line in found[:50]:
        print(line)
    print(f"{len(found)} problems in the English catalogue" if found else "English catalogue complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
