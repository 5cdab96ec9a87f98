"""IR to Python: nested again, in place again, named, commented, laid out."""

from __future__ import annotations

from s2sad.emit.emitter import Names, Text, emit

__all__ = ["Names", "Text", "emit"]
