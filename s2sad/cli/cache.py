"""`s2sad cache info|clear`."""

from __future__ import annotations

import argparse

from s2sad.cli.streams import Streams
from s2sad.load import cache


def run(args: argparse.Namespace, out: Streams) -> int:
    if args.action == "clear":
        folder = cache.info()["folder"]
        count = cache.clear()
        if out.as_json:
            out.data("cache", action="clear", folder=folder, removed=count)
        else:
            out.text(
                f"{count} entries removed from {folder}"
                if folder
                else "there is no cache"
            )
        return 0
    found = cache.info()
    if out.as_json:
        out.data("cache", action="info", **found)
        return 0
    out.text(f"folder   {found['folder'] or 'none'}")
    out.text(f"entries  {found['entries']}")
    out.text(f"size     {found['bytes']} bytes")
    out.text(f"usable   {'yes' if found['usable'] else 'no: ' + found['why']}")
    return 0
