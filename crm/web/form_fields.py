"""Fields that read days and figures as people write them, and keep what was typed where they cannot."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field
from wtforms.widgets import TextInput

from crm.domain.errors import RefusedError
from crm.domain.units import parse_date, parse_wan
from crm.web.sentences import sentence


class DayField(Field):  # type: ignore[misc]
    """A calendar day: the browser's date picker, and 2026年3月5日 where it is typed. data: date | None."""

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"render_kw": {"type": "date"}, **kwargs})

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, values: list[str]) -> None:
        self.data: date | None = None
        if values and values[0].strip():
            try:
                self.data = parse_date(values[0])
            except RefusedError as error:
                raise ValueError(sentence(error)) from error


class WanField(Field):  # type: ignore[misc]
    """Money in 万元. data: Decimal | None."""

    widget = TextInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"render_kw": {"inputmode": "decimal"}, **kwargs})

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data.normalize():f}" if self.data is not None else ""

    def process_formdata(self, values: list[str]) -> None:
        self.data: Decimal | None = None
        if values and values[0].strip():
            try:
                self.data = parse_wan(values[0])
            except RefusedError as error:
                raise ValueError(sentence(error)) from error
