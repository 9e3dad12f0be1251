"""What so many feedbacks a day ask of AWS, and what they cost: the tables of docs/capacity.md and docs/cost.md.

usage: capacity.py            prints the tables
       capacity.py --write    puts them into the pages
       capacity.py --check    exit 1 if a page holds others

From two files beside this one: `life.json` (what a life costs, by the meter) and `prices.json`.
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs"
LIFE = json.loads((HERE / "life.json").read_text(encoding="utf-8"))
PRICES = json.loads((HERE / "prices.json").read_text(encoding="utf-8"))
DAYS = [8_000_000, 20_000_000, 200_000_000]
# What an account has as it comes, a region, and what one key of the index `due` takes, times 48.
QUOTAS = {"api": 10_000, "writes": 40_000, "reads": 40_000, "executions": 1_000, "due": 48_000}


def number(value):
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def invocations():
    return LIFE["client_calls"] + LIFE["messages"] / PRICES["assumed"]["messages_an_invocation"]


def capacity():
    """What a second of the busiest hour asks for, beside what an account has."""
    peak = LIFE["assumed"]["peak_times_average"]
    seconds = PRICES["assumed"]["milliseconds_an_invocation"] / 1000
    needs = [
        ("feedbacks a second", 1, None),
        ("calls of the API a second", LIFE["client_calls"], "api"),
        ("messages a second", LIFE["messages"], None),
        ("write units of the table a second", LIFE["write_units_table"], "writes"),
        ("write units of the indexes a second", LIFE["write_units_indexes"], "due"),
        ("read units a second", LIFE["read_units"], "reads"),
        ("executions at once", invocations() * seconds, "executions"),
    ]
    rows = []
    for name, each, quota in needs:
        cells = []
        for day in DAYS:
            value = day / 86_400 * peak * each
            over = quota and value > QUOTAS[quota]
            cells.append(f"**{number(value)}**" if over else number(value))
        rows.append([name, *cells, number(QUOTAS[quota]) if quota else "none"])
    return table(["in the busiest hour", *(f"{day // 1_000_000} M a day" for day in DAYS), "as it comes"], rows)


def cost():
    """What a million lives cost at list prices, and so a day."""
    writes = LIFE["write_units_table"] + LIFE["write_units_indexes"]
    gigabyte_seconds = PRICES["assumed"]["milliseconds_an_invocation"] / 1000 * PRICES["assumed"]["memory_gb"]
    an_invocation = PRICES["invocations_per_million"] + gigabyte_seconds * PRICES["gigabyte_seconds_per_million"]
    gigabytes = LIFE["assumed"]["log_lines"] * LIFE["assumed"]["bytes_a_log_line"] / 1000
    parts = [
        (f"writes: {writes} units", writes * PRICES["write_units_per_million"]),
        (f"reads: {LIFE['read_units']} units", LIFE["read_units"] * PRICES["read_units_per_million"]),
        (f"queues: {LIFE['messages']} messages, three calls each", 3 * LIFE["messages"] * PRICES["queue_calls_per_million"]),
        (f"functions: {number(invocations())} invocations", invocations() * an_invocation),
        (f"API: {LIFE['client_calls']} calls", LIFE["client_calls"] * PRICES["api_requests_per_million"]),
        (f"logs: {LIFE['assumed']['log_lines']} lines", gigabytes * PRICES["log_gigabyte"]),
    ]
    total = sum(dollars for _, dollars in parts)
    rows = [[name, f"${dollars:.2f}", f"{100 * dollars / total:.0f} %"] for name, dollars in parts]
    rows.append(["a million lives", f"${total:.2f}", "100 %"])
    each = table(["a life", "a million of them", "share"], rows)
    days = [[f"{day // 1_000_000} M a day", f"${total * day / 1e6:,.0f}", f"${total * day / 1e6 * 30:,.0f}"] for day in DAYS]
    return each + "\n\n" + table(["feedbacks", "a day", "thirty days"], days)


PAGES = {"capacity.md": capacity, "cost.md": cost}


def main():
    asked = sys.argv[1:]
    stale = []
    for page, made in PAGES.items():
        if not asked:
            print(made(), end="\n\n")
            continue
        path = DOCS / page
        text = path.read_text(encoding="utf-8")
        block = f"<!-- by infra/bench/capacity.py -->\n\n{made()}\n\n<!-- to here -->"
        new, many = re.subn(r"<!-- by infra/bench/capacity.py -->.*?<!-- to here -->", lambda _: block, text, flags=re.DOTALL)
        if many != 1:
            sys.exit(f"{path}: the table's place is not marked")
        if new != text and asked == ["--write"]:
            path.write_text(new, encoding="utf-8")
        elif new != text:
            stale.append(page)
    if stale:
        sys.exit(f"docs/{', docs/'.join(stale)}: run infra/bench/capacity.py --write")


if __name__ == "__main__":
    main()
