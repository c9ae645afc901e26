"""The report for reviewdog, one diagnostic a line."""

from __future__ import annotations

from reviewer.outputs.rdjson import render_lines as render

__all__ = ["render"]
