"""The Chromium of this machine."""

from __future__ import annotations

import os
import shutil

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first has no windows, and takes half the processor time."""

CHROMIUM = os.environ.get("KG_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
