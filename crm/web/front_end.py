"""Prepares static/vendor from node_modules, and the message catalogues: `python -m crm.web.front_end`.

Copies only what pages load: Tabler's style sheet, htmx, and one sprite of the icons in use. The icons are
found by reading templates/ and crm/ for icon("name") calls and icon="name" values, so that a new icon needs
no list; names that only data or arithmetic produces stand in ALWAYS_DRAWN. Imports nothing of the
application, because it runs before the application can start.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent.parent

COPIED = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
}

ALWAYS_DRAWN = frozenset(
    {
        # states and marks chosen by a value
        "alert-circle",
        "alert-triangle",
        "circle-check",
        "circle-dashed",
        "circle-plus",
        "circle-x",
        "clock",
        "clock-hour-4",
        "help-circle",
        "hourglass",
        "info-circle",
        "mail-off",
        "progress",
        # the main menu
        "building-factory-2",
        "calendar-event",
        "clipboard-list",
        "history",
        "layout-list",
        "send",
        "settings",
        # kinds of activity
        "map-pin",
        "phone",
        "users",
        "school",
        "mail",
        # sorting and theme, turned by a value
        "arrow-down",
        "arrow-up",
        "moon",
        "sun",
    }
)

# icon("x"), parts.icon('x'), icon="x", "icon": "x"; not rel="icon", whose value is the word itself
_ICON_USE = re.compile(r"""\bicon["']?\s*(?:\(|=|:)\s*["']([a-z0-9]+(?:-[a-z0-9]+)*)["']""")
_SVG_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_EMPTY_SQUARE = re.compile(r"""\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>""")
_SOURCE_MAP = re.compile(rb"\s*/[*/]# sourceMappingURL=[^\s*]+(?:\s*\*/)?\s*$")


class MissingPackageError(Exception):
    """A front-end package lies not where npm puts it; the text names the file."""


def icons_in_use(root: Path = ROOT) -> dict[str, str]:
    """Icon name -> the first file that asks for it, relative to root."""
    found = {name: "crm/web/front_end.py" for name in ALWAYS_DRAWN}
    for path in _sources(root):
        for name in _ICON_USE.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, str(path.relative_to(root)))
    return found


def sprite(names: Iterable[str], outline: Path) -> bytes:
    """One SVG of symbols `i-<name>`, in a fixed order. Raises FileNotFoundError where a drawing is absent."""
    symbols = [
        f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-linecap="round" stroke-linejoin="round">{_drawing(outline / f"{name}.svg")}</symbol>'
        for name in sorted(names)
    ]
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def prepare(root: Path = ROOT) -> list[str]:
    """Writes static/vendor and the catalogues; returns a line for each icon that no drawing exists for.

    Raises MissingPackageError where npm has not installed a package. Files that would not change are left
    alone, so that browsers keep their copies.
    """
    vendor, modules = root / "static" / "vendor", root / "node_modules"
    vendor.mkdir(parents=True, exist_ok=True)
    for source, target in COPIED.items():
        _write(vendor / target, _SOURCE_MAP.sub(b"\n", _read(modules / source)))
    outline = modules / "@tabler" / "icons" / "icons" / "outline"
    if not outline.is_dir():
        raise MissingPackageError(f"{outline} is missing: run make setup")
    wanted = icons_in_use(root)
    drawn = {name for name in wanted if (outline / f"{name}.svg").is_file()}
    _write(vendor / "icons.svg", sprite(drawn, outline))
    compile_catalogues(root)
    return [f"{wanted[name]}: no Tabler icon is called {name!r}" for name in sorted(wanted.keys() - drawn)]


def compile_catalogues(root: Path = ROOT) -> None:
    """messages.po -> messages.mo for each language that has one; an empty entry falls back to its msgid."""
    for source in (root / "crm" / "translations").glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        _write(source.with_suffix(".mo"), compiled.getvalue())


def _sources(root: Path) -> list[Path]:
    """Everything that may name an icon, without this file, whose comments show how that looks."""
    modules = (path for path in (root / "crm").rglob("*.py") if path.name != "front_end.py")
    return [*sorted((root / "templates").rglob("*.html")), *sorted(modules)]


def _drawing(path: Path) -> str:
    body = _SVG_BODY.search(path.read_text(encoding="utf-8"))
    if body is None:
        raise MissingPackageError(f"{path} is not an SVG drawing: remove node_modules and run make setup")
    return re.sub(r"\s+", " ", _EMPTY_SQUARE.sub("", body.group(1))).strip()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingPackageError(f"{path} is missing: run make setup") from error


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)


def main() -> int:
    """Exit status 1 where a package is missing, and with --check where an icon is; each said on stderr."""
    try:
        problems = prepare()
    except MissingPackageError as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
