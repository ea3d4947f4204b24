"""Front end: every icon that a page asks for is drawn, and nothing is loaded from elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crm.settings import ROOT
from crm.web.front_end import COPIED, icons_in_use, prepare, sprite

OUTLINE = ROOT / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
VENDOR = ROOT / "static" / "vendor"


def test_every_icon_in_use_has_a_drawing() -> None:
    assert not {
        name: file for name, file in icons_in_use().items() if not (OUTLINE / f"{name}.svg").is_file()
    }


def test_what_pages_load_is_there_and_points_nowhere_else() -> None:
    assert not prepare()
    for name in [*COPIED.values(), "icons.svg"]:
        text = (VENDOR / name).read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text
        assert not re.search(r"@import|url\(\s*[\"']?https?:", text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{{ icon("map-pin") }}', {"map-pin"}),
        ("{{ parts.icon('x', label=_('关闭')) }}", {"x"}),
        ('ACTION = {"icon": "phone-call"}', {"phone-call"}),
        ('Entry(icon="home-2")', {"home-2"}),
        ('<link rel="icon" href="favicon.ico">', set()),
    ],
)
def test_icons_are_found_where_they_are_named(tmp_path: Path, text: str, names: set[str]) -> None:
    always = icons_in_use(tmp_path).keys()
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(text, encoding="utf-8")

    assert names <= icons_in_use(tmp_path).keys() <= names | always


def test_the_sprite_is_the_same_each_time() -> None:
    assert sprite({"x", "check"}, OUTLINE) == sprite(["check", "x"], OUTLINE)
    assert sprite({"x"}, OUTLINE).count(b'<symbol id="i-x"') == 1


def test_the_lock_pins_versions_and_names_no_download_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))

    assert all(
        re.fullmatch(r"[\d.]+", v) for v in (wanted["dependencies"] | wanted["devDependencies"]).values()
    )
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert all(package.get("integrity") for name, package in packages.items() if name)
