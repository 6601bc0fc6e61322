"""What the demonstration says when it is ready: addresses, logins, and what to look at."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from demo.cast import PASSWORD
from demo.check import Result
from demo.installation import Installation, Json

console = Console(highlight=False, soft_wrap=True)


def results(found: Sequence[Result]) -> None:
    """Print what was verified and how long it took."""
    table = Table("", "Verified", "Seconds", title="Between the servers")
    for result in found:
        mark = "[green]✓[/]" if result.is_good else "[bold red]✗[/]"
        table.add_row(
            mark, result.what + (f"\n[red]{result.problem}[/]" if result.problem else ""), f"{result.seconds:.2f}"
        )
    console.print(table)


def guide(servers: Sequence[Installation], call: Json) -> None:
    """Print the addresses and logins, and where to begin."""
    pages = Table("Server", "Page", "Address of its section", title="Three servers")
    logins = Table("Server", "Username", "Access token", title=f"Logins (password of all: {PASSWORD})")
    for server in servers:
        pages.add_row(server.place.section, f"{server.origin}/", server.handle(server.place.handle))
        for person in server.place.people:
            logins.add_row(server.place.section, person.username, server.tokens[person.username])
    console.print(pages)
    console.print(logins)
    console.print("What to look at", style="italic")
    for sight in _sights(servers, call):
        console.print(f"  {sight}", markup=False)


def _sights(servers: Sequence[Installation], call: Json) -> list[str]:
    national, lille, brest = servers
    token = lille.tokens["nadia"]
    return [
        f"{lille.origin}/ and {brest.origin}/ show the post of the national office, which their sections shared, and "
        "what the other sections publish.",
        f"{call['url']} is that post at home, with the answers from Lille and Brest.",
        f"{brest.origin}/@erwan shows what a member published and shared; {lille.origin}/@lille.atom is a feed.",
        "Any Mastodon client works with an access token; this is the home timeline of Nadia:",
        f"  curl -H 'Authorization: Bearer {token}' {lille.origin}/api/v1/timelines/home",
        "What other servers see of the national office:",
        f"  curl -H 'Accept: application/activity+json' {national.origin}/@national",
    ]
