"""The SQL statements that take over hours from another ledger, which is attached as `reread`."""

from __future__ import annotations

from exporter.ledger.queries import BOUNDED_CALLS, LIST_SESSIONS
from exporter.sources.call_hours import HOUR_US

KIND = "project, tool, agent, outcome, category"
CALLER = "session_id, tool, agent, outcome"
# Later hours were counted as the calls ended; the last one was counted in part.
UNTIL = f"(SELECT calls_since_us / {HOUR_US} FROM main.beginning)"  # noqa: S608 - constants only
HOURS = f"SELECT hour, {KIND}, bucket, calls FROM {{0}}.call_hours JOIN {{0}}.call_kinds ON id = kind"  # noqa: S608 - likewise

# What a ledger has at the moment from which on it is read again.
WRITE_BASELINE = (
    "CREATE TABLE reread.files_before AS SELECT * FROM main.files",
    "CREATE INDEX reread.files_before_by_folder ON files_before (folder)",
    "CREATE TABLE reread.sessions_before AS SELECT session_id, calls, last_us FROM main.sessions WHERE calls > 0",
    f"CREATE TABLE reread.calls_before AS SELECT {CALLER}, calls FROM main.session_calls",  # noqa: S608 - likewise
    f"CREATE TABLE reread.hours_before AS {HOURS.format('main')} WHERE hour <= {UNTIL}",
)
SELECT_FILES_BEFORE = (
    "SELECT folder, name, device, inode, size, modified_ns, position, tail FROM files_before WHERE folder = ?"
)
READ_TOO_FAR = (
    "SELECT EXISTS (SELECT 1 FROM reread.files AS file JOIN reread.files_before AS before USING (folder, name)"
    " WHERE file.position > before.position)"
)

# Files that are gone, or that were replaced, with the calls of a session that nothing else reports.
IS_LESS_READ = (
    "EXISTS (SELECT 1 FROM reread.files_before AS before LEFT JOIN reread.files AS file USING (folder, name)"
    " WHERE ifnull(file.position, -1) < before.position)"
)
LAST_INCOMPLETE = (
    "SELECT max(before.last_us) FROM reread.sessions_before AS before"
    " LEFT JOIN reread.sessions AS found USING (session_id) WHERE ifnull(found.calls, 0) < before.calls"
)
# The sessions whose calls were in part counted before the ledger kept them by session.
LACKING = (
    "SELECT session_id FROM reread.sessions_before AS before WHERE calls >"
    " (SELECT total(calls) FROM reread.calls_before AS known WHERE known.session_id = before.session_id)"
)
ADD_MISSING = (
    f"INSERT OR IGNORE INTO main.call_kinds ({KIND}) SELECT {KIND} FROM reread.call_kinds",  # noqa: S608 - likewise
    "INSERT INTO main.call_hours SELECT found.hour, kinds.id, found.bucket, found.calls - ifnull(known.calls, 0)"  # noqa: S608 - likewise
    f" FROM ({HOURS.format('reread')}) AS found JOIN main.call_kinds AS kinds USING ({KIND})"
    f" LEFT JOIN reread.hours_before AS known USING (hour, {KIND}, bucket)"
    f" WHERE found.hour <= {UNTIL} AND found.calls > ifnull(known.calls, 0)"
    f" ON CONFLICT DO UPDATE SET calls = {BOUNDED_CALLS}",
    "INSERT INTO main.session_calls"  # noqa: S608 - likewise
    " SELECT found.session_id, found.tool, found.agent, found.outcome, found.calls - ifnull(known.calls, 0)"
    f" FROM reread.session_calls AS found LEFT JOIN reread.calls_before AS known USING ({CALLER})"
    f" WHERE found.calls > ifnull(known.calls, 0) AND found.session_id IN ({LACKING})"
    f" ON CONFLICT DO UPDATE SET calls = {BOUNDED_CALLS}",
    f"{LIST_SESSIONS} WHERE session_id IN ({LACKING})",
    f"UPDATE main.beginning SET commits = commits + 1, hours_are_unread = 0, calls_since_us = CASE WHEN {IS_LESS_READ}"  # noqa: S608 - likewise
    f" THEN min(calls_since_us, ifnull(({LAST_INCOMPLETE}), 0)) ELSE 0 END",
)
