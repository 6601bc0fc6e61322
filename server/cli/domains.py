"""Which other servers may speak here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.host import DomainRule, Severity
from models.setting import Setting
from server.admin import blocklists
from server.admin import domains as actions
from server.admin.domains import Rule, checked_domain
from server.admin.public_list import SETTING, SHOWN_TO
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import Invalid, NotFound

domains = typer.Typer(no_args_is_help=True)

Comment = Annotated[str, typer.Option(help="Why; for administrators only.")]
PublicComment = Annotated[str, typer.Option(help="Why; for everybody to read.")]
Obfuscate = Annotated[bool, typer.Option(help="Show the domain half hidden in the public list.")]
Unlisted = Annotated[bool, typer.Option(help="Do not show the domain in the public list.")]
RejectMedia = Annotated[bool, typer.Option(help="Neither keep nor show pictures, films and sounds from there.")]
RejectReports = Annotated[bool, typer.Option(help="Take no reports from there.")]

SAID = {
    Severity.SUSPEND: "is blocked",
    Severity.SILENCE: "is silenced",
    Severity.NONE: "may speak, within limits",
    Severity.ALLOW: "is allowed",
}


def _set(domain: str, rule: Rule) -> None:
    name = checked_domain(domain)

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.set_rule(name, rule, ctx)

    with_context(work)
    out.print(f"{name} {SAID[rule.severity]}.", markup=False)


@domains.command("block")
def block(
    domain: str,
    comment: Comment = "",
    public_comment: PublicComment = "",
    obfuscate: Obfuscate = False,
    unlisted: Unlisted = False,
) -> None:
    """Refuse everything from a domain and those below it, and send nothing there; what is here of it disappears."""
    _set(domain, Rule(Severity.SUSPEND, True, True, obfuscate, unlisted, comment, public_comment))


@domains.command("silence")
def silence(
    domain: str,
    comment: Comment = "",
    public_comment: PublicComment = "",
    reject_media: RejectMedia = False,
    reject_reports: RejectReports = False,
    obfuscate: Obfuscate = False,
    unlisted: Unlisted = False,
) -> None:
    """Show what is written there only to those who follow its author."""
    rule = Rule(Severity.SILENCE, reject_media, reject_reports, obfuscate, unlisted, comment, public_comment)
    _set(domain, rule)


@domains.command("limit")
def limit(
    domain: str, comment: Comment = "", reject_media: RejectMedia = False, reject_reports: RejectReports = False
) -> None:
    """Let a domain speak, but take no pictures or no reports from there."""
    if not (reject_media or reject_reports):
        raise Invalid("Say what to refuse: --reject-media, --reject-reports, or both.")
    _set(domain, Rule(Severity.NONE, reject_media, reject_reports, comment=comment))


@domains.command("allow")
def allow(domain: str, comment: Comment = "") -> None:
    """Let a domain speak where only listed domains may, or below one that is blocked."""
    _set(domain, Rule(Severity.ALLOW, comment=comment))


@domains.command("unblock")
def unblock(domain: str) -> None:
    """Take the rule for a domain back."""
    name = checked_domain(domain)

    async def work(ctx: Context, settings: Settings) -> None:
        try:
            await actions.remove_rule(name, ctx)
        except NotFound as error:
            raise NotFound(f"{name} is not blocked.") from error

    with_context(work)
    out.print(f"{name} is no longer blocked.", markup=False)


@domains.command("mode")
def mode(which: Annotated[str, typer.Argument(help="open: all but the blocked; listed: only those allowed.")]) -> None:
    """Say who may speak here: everybody who is not blocked, or only domains that are allowed."""
    if which not in ("open", "listed"):
        raise Invalid("The mode is open or listed.")

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.allow_only_listed(ctx, is_wanted=which == "listed")

    with_context(work)
    out.print("Only allowed domains may speak here." if which == "listed" else "Every domain may that is not blocked.")


@domains.command("show-to")
def show_to(whom: Annotated[str, typer.Argument(help="all, users (members only), or disabled.")]) -> None:
    """Say who may read the list of blocked domains."""
    if whom not in SHOWN_TO:
        raise Invalid("The list is for all, for users, or disabled.")

    async def work(ctx: Context, settings: Settings) -> None:
        await Setting.write(SETTING, whom)

    with_context(work)
    out.print(f"The list is shown to: {whom}.")


@domains.command("list")
def list_domains() -> None:
    """List the rules."""

    async def work(ctx: Context, settings: Settings) -> tuple[list[DomainRule], bool]:
        return await actions.rules(), await actions.is_only_listed()

    found, is_only_listed = with_context(work)
    table = Table("Domain", "Rule", "Since", "Why")
    for rule in found:
        refused = [word for word, flag in (("media", rule.rejects_media), ("reports", rule.rejects_reports)) if flag]
        rule_text = rule.severity.value + (f" ({', '.join(refused)} refused)" if refused else "")
        why = rule.comment or rule.public_comment
        table.add_row(escape(rule.domain), rule_text, f"{rule.created_at:%Y-%m-%d}", escape(why))
    out.print(table)
    if is_only_listed:
        out.print("Only domains that are listed here, and not blocked, may speak.")


@domains.command("import")
def import_list(
    path: Path, apply: Annotated[bool, typer.Option("--apply", help="Do it; without this it is only said.")] = False
) -> None:
    """Take over a list of domains in Mastodon's CSV; first it is said what would be lost."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    entries = blocklists.read(path.read_text(encoding="utf-8", errors="replace"))

    async def work(ctx: Context, settings: Settings) -> list[tuple[str, str]]:
        lines = []
        for entry in entries:
            if entry.problem:
                lines.append((entry.domain, f"left out: {entry.problem}"))
                continue
            ours, theirs = await actions.follows_at_stake(entry.domain)
            try:
                if apply:
                    await actions.set_rule(entry.domain, entry.rule, ctx)
                lost = f"; ends {ours} follows of ours and {theirs} of theirs" if ours or theirs else ""
                ends = lost if entry.rule.severity is Severity.SUSPEND else ""
                lines.append((entry.domain, SAID[entry.rule.severity].replace("is ", "") + ends))
            except Invalid as error:
                lines.append((entry.domain, f"left out: {error.message}"))
        return lines

    table = Table("Domain", "What" if apply else "What would happen")
    for domain, what in with_context(work):
        table.add_row(escape(domain), escape(what))
    out.print(table)
    if not apply:
        out.print("Nothing was changed. Say --apply to do it.")


@domains.command("export")
def export_list() -> None:
    """Write the rules in Mastodon's CSV, for other servers to take over."""

    async def work(ctx: Context, settings: Settings) -> str:
        return blocklists.write(await actions.rules())

    out.print(with_context(work), markup=False, end="")
