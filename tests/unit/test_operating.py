"""The operator's guide names what there is: metrics, labels, alerts, commands, log lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Histogram

from app.metrics import counts
from app.metrics.counts import COUNTED

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for part in ("app", "workers")
    for path in (ROOT / part).rglob("*.py")
)
ALERTS = [
    rule
    for block in re.findall(r"```yaml\n(groups:.*?)```", GUIDE, re.DOTALL)
    for group in yaml.safe_load(block)["groups"]
    for rule in group["rules"]
]
METRICS = (Counter, Histogram)
ENDINGS = r"_(total|bucket|count|sum)$"


def known() -> set[str]:
    """Every metric, without the endings that Prometheus adds."""
    read_at_scrape = set(re.findall(r'"(propale_\w+)"', SOURCES))
    return {metric.name for metric in COUNTED.collect()} | read_at_scrape


def named(text: str) -> set[str]:
    return {re.sub(ENDINGS, "", name) for name in re.findall(r"propale_\w+", text)}


def test_each_metric_it_names_exists() -> None:
    assert named(GUIDE) <= known()


def test_each_metric_is_explained() -> None:
    table = GUIDE[GUIDE.index("| Metric |") : GUIDE.index("**Sentry.**")]

    assert named(table) >= {metric.name for metric in COUNTED.collect()}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_each_alert_has_its_runbook(rule: dict[str, str]) -> None:
    assert f"\n### {rule['alert']}\n" in GUIDE
    assert named(rule["expr"]) or "up{" in rule["expr"]


def test_each_runbook_has_its_alert() -> None:
    books = re.findall(r"^### (\w+)$", GUIDE, re.MULTILINE)

    assert books == [rule["alert"] for rule in ALERTS]


def test_labels_it_selects_by_are_the_metrics_own() -> None:
    labels = {m._name: m._labelnames for m in vars(counts).values() if isinstance(m, METRICS)}
    selected = re.findall(r"(propale_\w+)\{(\w+)[=!~]", GUIDE)
    ours = [(re.sub(ENDINGS, "", name), label) for name, label in selected]

    assert ours
    assert [pair for pair in ours if pair[1] not in labels.get(pair[0], pair[1:])] == []


def test_events_it_quotes_are_logged() -> None:
    quoted = set(re.findall(r'line[s]? `"([^"]+)"`|`"([^"]+)"` line', GUIDE))

    assert quoted
    for event in ("".join(pair) for pair in quoted):
        assert f'"{event}' in SOURCES, event


def test_commands_it_names_exist() -> None:
    commands = {path.stem for path in (ROOT / "app/commands").glob("[a-z]*.py")}

    assert set(re.findall(r"\./propale (\w+)", GUIDE)) <= commands
