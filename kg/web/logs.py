"""Log records -> lines of text, or of JSON for programs that collect logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON: time, level, logger, message, and the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        shown: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            shown["traceback"] = self.formatException(record.exc_info)
        return json.dumps(shown, ensure_ascii=False, default=str)


def start_logging(kind: str, verbose: int) -> None:
    """Write all logs of the server to standard error. Requests are logged as JSON, and as text only if *verbose*."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if kind == "json" else logging.Formatter("%(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("kg").setLevel(logging.INFO)
    logging.getLogger("kg.web.access").setLevel(logging.INFO if kind == "json" or verbose else logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.INFO if verbose else logging.WARNING)
