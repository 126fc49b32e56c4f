"""Logging for every process: one line a record, secrets replaced before it is written."""

import logging
import re

SECRET = re.compile(
    r"(?:sk|rk|pk)_(?:test|live)_\w+|whsec_\w+|xox[abp]-[\w-]+|pat-\w+-[\w-]+"
    r"|(?<=Bearer )\S+|(?<=/p/)[\w-]{20,}|(?<=/r/)[\w-]{20,}|(?<=/sign-in/)[\w-]{20,}"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
)


class Redacting(logging.Formatter):
    """Formats a record, then replaces whatever looks like a key or a customer's link."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    return SECRET.sub("***", text)


def set_up_logging(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for talkative in ("rq.worker", "stripe", "slack_sdk"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
