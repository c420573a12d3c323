"""Exercises as Excel workbooks and back: instructors write in spreadsheets, YAML stays the source.

``exchange`` exports and imports one exercise · ``tables`` what a kind's sheets hold · ``items`` and
``bargains`` those sheets as YAML data and back · ``drawing`` a workbook · ``reading`` a workbook that
anybody may have made · ``changes`` what an import would change · ``rewriting`` YAML with its comments.
"""

from __future__ import annotations

from pamong.spreadsheet.exchange import Draft, export_items, import_items

__all__ = ["Draft", "export_items", "import_items"]
