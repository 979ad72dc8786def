"""What came of it, part by part."""

from __future__ import annotations

from drill.parts import Row


def said(row: Row) -> Row:
    """Print how one part went, while the others go on."""
    print(f"{row.what}: {'done' if row.is_good else 'FAILED'} in {row.seconds:.0f} s", flush=True)
    print(as_text([row]).splitlines()[2], flush=True)
    for line in [*row.findings.lost, *row.findings.wrong][:20]:
        print(f"  {line}", flush=True)
    return row


def as_text(rows: list[Row]) -> str:
    """The table, in Markdown."""
    lines = [
        "| what was tried | times | acknowledged | came to nothing | refused | lost | wrong | twice | longest outage |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        outage = "" if row.outage is None else f"{row.outage:.1f} s"
        numbers = (row.tries, row.acknowledged, row.cut, row.refused, len(row.findings.lost), len(row.findings.wrong))
        lines.append(f"| {row.what} | {' | '.join(map(str, numbers))} | {row.twice} | {outage} |")
    lines += ["", *(f"{row.what}: {'; '.join(row.notes)}." for row in rows if row.notes)]
    return "\n".join(lines)
