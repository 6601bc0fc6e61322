"""What the pages say of the code, read from the code: settings, commands, metrics."""

import ast
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer
from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase

from server import config
from server.cli.commands import app
from server.config import Settings, read_settings
from server.monitoring import metrics
from server.monitoring.backlog import Backlog
from server.monitoring.exposition import cost_metrics, stock_metrics

DATA = Path("/<data>")
AT_HOME = {"COOPOLE_DATA": str(DATA)}
IN_PUBLIC = AT_HOME | {"COOPOLE_ORIGIN": "https://section.example"}
KEPT_IN_A_FILE = "kept in `<data>/secret.key`"


def settings_table() -> str:
    """List every setting with its default, as Markdown."""
    rows = [(f"`COOPOLE_{name.upper()}`", default_of(name), said) for name, said in described_settings().items()]
    return table(("Variable", "Default", "What it is"), rows)


def described_settings() -> dict[str, str]:
    """Read what the code says of each setting, in order; '' of one that it says nothing of."""
    body = ast.parse(inspect.getsource(config)).body
    definition = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == Settings.__name__)
    said = dict.fromkeys((field.name for field in fields(Settings)), "")
    for node, following in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(following, ast.Expr):
            said[node.target.id] = " ".join(str(ast.literal_eval(following.value)).split())
    return said


def default_of(name: str) -> str:
    """Say what a setting is where nobody sets it, on localhost and behind a public origin."""
    if name == "data":
        return f"`{config.DEFAULT_DATA}`, in the folder it is started from"
    if name == "secret_key":
        return KEPT_IN_A_FILE
    at_home, in_public = _shown(read_settings(AT_HOME), name), _shown(read_settings(IN_PUBLIC), name)
    if at_home == in_public or name == "origin":
        return at_home
    return f"{in_public}; {at_home} where the origin is on localhost"


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{str(value).replace(str(DATA), '<data>')}`" if value != "" else "empty"


def commands_page() -> str:
    """Describe every command, as Markdown."""
    sections = [_command(path, command) for path, command in commands()]
    return "\n\n".join(sections)


def commands() -> Iterator[tuple[str, Any]]:
    """Give every command that does something, as (`coopole member create`, the command), in the order of --help."""
    group: Any = typer.main.get_command(app)
    yield from _below("coopole", group.all_commands())


def _below(path: str, commands: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, command in commands.items():
        if hasattr(command, "commands"):
            yield from _below(f"{path} {name}", command.commands)
        else:
            yield f"{path} {name}", command


def _command(path: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option" and not item.hidden]
    usage = " ".join([path, *(item.name.upper() for item in arguments), *(["[options]"] if options else [])])
    parts = [f"## `{path}`", command.help, f"```\n{usage}\n```"]
    if rows := [(f"`{item.name.upper()}`", item.help or "") for item in arguments if item.help]:
        parts.append(table(("Argument", "What it is"), rows))
    if options:
        parts.append(table(("Option", "What it is"), [(f"`{item.opts[0]}`", _meaning(item)) for item in options]))
    return "\n\n".join(parts)


def _meaning(option: Any) -> str:
    said = ": ".join(text.strip() for text in (option.prompt, option.help) if text)
    said = said if said.endswith(".") else f"{said}."
    if option.prompt:
        return f"{said} Asked for where it is not given."
    if option.default in (None, "", False):
        return said
    choices = [choice.value for choice in type(option.default)] if hasattr(option.default, "value") else []
    either = f"One of {', '.join(f'`{choice}`' for choice in choices)}. " if choices else ""
    return f"{said} {either}Default: `{getattr(option.default, 'value', option.default)}`."


def metrics_table() -> str:
    """List every number of /metrics, as Markdown."""
    counted = [found for found in vars(metrics).values() if isinstance(found, MetricWrapperBase)]
    rows = [_described(metric, found._labelnames) for found in counted for metric in found.describe()]
    looked_up = [*stock_metrics(Backlog()), *cost_metrics([])]
    rows += [_described(found, getattr(found, "_labelnames", ())) for found in looked_up]
    return table(("Metric", "Kind", "Labels", "What it is"), rows)


def _described(metric: Metric, labels: Sequence[str]) -> tuple[str, str, str, str]:
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    return f"`{name}`", metric.type, ", ".join(f"`{label}`" for label in labels), metric.documentation


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
