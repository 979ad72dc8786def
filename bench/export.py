"""What an export costs, against PostgreSQL's own COPY of the same columns with the ID numbers as they are stored."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

from bench.processes import above, cpu, memory
from bench.report import Figure, Part, of_runs
from bench.served import Portal, Streamed

_CSV, _XLSX = "/admin/export/results.csv?session=BENCH", "/admin/export/results.xlsx?session=BENCH"

# As somebody would write it who wants these columns and nothing else.
_PLAIN = """
COPY (
    SELECT c.registration_number, c.name, c.id_number, s.code, c.track, c.level, a.status, a.stage, a.rounds,
        a.submitted_at, a.decided_at, u.username, r.code, d.requests, d.note
    FROM materials_application a
    JOIN candidates_candidate c ON c.id = a.candidate_id
    JOIN candidates_site s ON s.id = a.site_id
    LEFT JOIN LATERAL (
        SELECT * FROM review_decision WHERE application_id = a.id ORDER BY id DESC LIMIT 1
    ) d ON true
    LEFT JOIN candidates_user u ON u.id = d.reviewer_id
    LEFT JOIN materials_reason r ON r.id = d.reason_id
    WHERE a.session_id = (SELECT id FROM candidates_examsession WHERE code = 'BENCH') {order}
) TO STDOUT WITH (FORMAT csv)
"""
_FLOORS = {
    "COPY in the same order": _PLAIN.format(order="ORDER BY c.registration_number"),
    "COPY in any order": _PLAIN.format(order=""),
}

# A session that is decided: three of four passed, a third with a note, a fifth with a reason. Nearly all names are
# different; one of fifty is long, one of a thousand foreign. The ID numbers are the demonstration's five, whose ciphers
# repeat; nothing remembers them.
_ROWS = """
INSERT INTO candidates_examsession
SELECT new.* FROM candidates_examsession old,
    jsonb_populate_record(old, jsonb_build_object('id', old.id + 1000000, 'code', 'BENCH')) new;
INSERT INTO candidates_user (username, name, role, is_active, version, password)
SELECT 'X' || lpad(i::text, 8, '0'), '', 'candidate', true, 1, '!' FROM generate_series(1, %(rows)s) i;
INSERT INTO candidates_candidate (user_id, session_id, site_id, registration_number, name, id_number, id_number_hash,
    phone, email, track, level, flags, language, consent_version, version)
SELECT u.id, e.id, s.ids[1 + u.id %% cardinality(s.ids)], u.username,
    CASE WHEN u.id %% 1000 = 7 THEN 'Anna-Maria O''Neil' WHEN u.id %% 50 = 0 THEN '阿卜杜拉·' ELSE '张' END
        || chr(20000 + (u.id * 7919 %% 18000)::int) || chr(20000 + (u.id * 104729 %% 18000)::int),
    n.ids[1 + u.id %% cardinality(n.ids)], lpad(u.id::text, 64, '0'), '', '', 'clinical', 'physician', '{}', '', '', 1
FROM candidates_user u, candidates_examsession e,
    (SELECT array_agg(id) ids FROM candidates_site) s, (SELECT array_agg(id_number) ids FROM candidates_candidate) n
WHERE u.username LIKE 'X%%' AND e.code = 'BENCH'
ORDER BY u.id;
INSERT INTO materials_application (id, candidate_id, session_id, site_id, status, stage, version, rounds, submitted_at,
    decided_at, send_back_note)
SELECT gen_random_uuid(), c.id, c.session_id, c.site_id, CASE c.id %% 4 WHEN 0 THEN 'rejected' ELSE 'passed' END,
    'region', 1, 1 + c.id %% 2, now() - c.id %% 864000 * interval '1 second',
    now() - c.id %% 86400 * interval '1 second', ''
FROM candidates_candidate c JOIN candidates_examsession e ON e.id = c.session_id AND e.code = 'BENCH'
ORDER BY c.id;
INSERT INTO review_decision (application_id, round, stage, outcome, reason_id, sentence_zh, sentence_en, requests,
    note, reviewer_id, decided_at)
SELECT a.id, 1, 'region', 'pass', CASE a.candidate_id %% 5 WHEN 0 THEN (SELECT min(id) FROM materials_reason) END,
    '', '', '[]', CASE a.candidate_id %% 3 WHEN 0 THEN '材料齐全，同意通过' ELSE '' END, u.id, now()
FROM materials_application a
JOIN candidates_examsession e ON e.id = a.session_id AND e.code = 'BENCH'
JOIN candidates_user u ON u.username = 'region1';
"""


class _Counter:
    """A file that only counts."""

    rows = 0

    def write(self, _row: bytes) -> None:
        self.rows += 1


def export(portal: Portal, rows: int, runs: int) -> Part:
    """A session of so many candidates, as the portal serves its export."""
    staff = portal.staff()
    floors: dict[str, list[float]] = {name: [] for name in _FLOORS}
    ours: list[Streamed] = []
    peaks: list[float] = []
    costs: list[float] = []
    with closing(portal.database()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(_ROWS, {"rows": rows})
        cursor.execute("VACUUM ANALYZE")
        staff.stream(f"{_CSV}&status=draft")
        # The first run only warms up.
        for run in range(runs + 1):
            for name, sql in _FLOORS.items():
                seconds = _seconds(cursor, sql, rows)
                floors[name] += [seconds] if run else []
            idle, used = memory(portal.processes(), "VmRSS"), cpu(portal.processes())
            streamed = staff.stream(_CSV)
            assert streamed.lines == rows + 1, f"{streamed.lines} lines"
            ours += [streamed] if run else []
            costs += [cpu(portal.processes()) - used] if run else []
            peaks += [above(idle, memory(portal.processes(), "VmHWM"))] if run else []
    figures = [of_runs("rows a second", [rows / one.all for one in ours], "/s")]
    for name, seconds in floors.items():
        ratios = [floor / one.all for floor, one in zip(seconds, ours, strict=True)]
        figures.append(of_runs(name, [rows / one for one in seconds], "/s"))
        figures.append(of_runs(f"ours ÷ {name}", ratios, "×", least=0.8))
    figures.append(of_runs("first byte", [one.first for one in ours], "s", most=1))
    figures.append(of_runs("first row", [one.next for one in ours], "s"))
    figures.append(of_runs("CPU of the web worker", [1e6 * cost / rows for cost in costs], "µs/row"))
    figures.append(of_runs("memory above idle", peaks, "MB", most=64))
    figures += _workbook(portal, staff, rows)
    said = f"{rows:,} rows, {ours[0].bytes / 1e6:.0f} MB"
    return Part("export: the CSV through HTTP (floor: psycopg2 reads COPY … TO STDOUT and counts)", figures, [said])


def _workbook(portal: Portal, staff: Any, rows: int) -> list[Figure]:
    idle, used = memory(portal.processes(), "VmRSS"), cpu(portal.processes())
    streamed = staff.stream(_XLSX)
    cost, peak = cpu(portal.processes()) - used, above(idle, memory(portal.processes(), "VmHWM"))
    return [
        Figure(f"workbook of {rows:,} rows, {streamed.bytes / 1e6:.0f} MB: first byte", streamed.first, "s"),
        Figure("workbook: all of it", streamed.all, "s"),
        Figure("workbook: CPU of the web worker", 1e6 * cost / rows, "µs/row"),
        Figure("workbook: memory above idle", peak, "MB", most=64),
    ]


def _seconds(cursor: Any, sql: str, rows: int) -> float:
    counter = _Counter()
    start = time.perf_counter()
    cursor.copy_expert(sql, counter)
    assert counter.rows == rows
    return time.perf_counter() - start
