"""All SQL statements on the tables of the ledger, by name."""

from __future__ import annotations

from exporter.model.bounds import MAX_INTEGER

SELECT_CREATED = "SELECT created_seconds FROM beginning"
FORGET_CREATED = "UPDATE beginning SET created_seconds = 0"
SELECT_REVISION = "SELECT created_seconds, commits FROM beginning"
COUNT_COMMIT = "UPDATE beginning SET commits = commits + 1"
SKIP_COMMITS = "UPDATE beginning SET commits = commits + 1000000000"  # no revision is used for two contents
SELECT_PAST_IS_UNREAD = "SELECT past_is_unread FROM beginning"
NOTE_PAST_READ = "UPDATE beginning SET past_is_unread = 0"
SELECT_ALL_IS_READ = "SELECT all_is_read FROM beginning"
NOTE_ALL_READ = "UPDATE beginning SET all_is_read = 1"
SELECT_HOURS_ARE_UNREAD = "SELECT hours_are_unread FROM beginning"
SELECT_SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"

FILES = "SELECT folder, name, device, inode, size, modified_ns, position, tail FROM files"
SELECT_FILES = f"{FILES} WHERE folder = ?"
SELECT_FILES_OF = f"{FILES} WHERE folder IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants only
COUNT_FILES = "SELECT count(*) FROM files"
UPSERT_FILE = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
SELECT_FILES_READ_FURTHER = (
    "SELECT folder, name FROM files AS here WHERE NOT EXISTS (SELECT 1 FROM other.files AS there"
    " WHERE there.folder = here.folder AND there.position >= here.position"
    " AND (there.name = here.name OR there.tail = here.tail))"
)
RENAME_FILE = "UPDATE OR REPLACE files SET name = ? WHERE folder = ? AND name = ?"

SELECT_COUNTERS = "SELECT name, labels, value FROM counters"
UPSERT_COUNTER = "INSERT INTO counters VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
SELECT_DISTRIBUTIONS = "SELECT name, labels, counts, sum FROM distributions"
UPSERT_DISTRIBUTION = (
    "INSERT INTO distributions VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET counts = excluded.counts, sum = excluded.sum"
)
SELECT_LABEL_VALUES = "SELECT label, value FROM label_values"
INSERT_LABEL_VALUE = "INSERT OR IGNORE INTO label_values VALUES (?, ?)"

SESSION_COLUMNS = (
    "session_id, project, first_us, last_us, run_started_us, ended, calls, open_calls, hook_last_us,"
    " transcript_started_us, transcript_last_us, transcript_ended, tallies, closing_events,"
    " background_calls, hooks_alone_us, running_agents, awaits_project"
)
SELECT_SESSION = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE session_id = ?"  # noqa: S608 - constants only
SELECT_SESSIONS_SINCE = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE last_us >= ?"  # noqa: S608 - likewise
SELECT_SILENT_RUNS = (
    "SELECT session_id FROM sessions WHERE last_us < ? AND (run_started_us > 0 OR transcript_started_us > 0)"
)
SELECT_ENDED_TRANSCRIPTS = (
    "SELECT session_id FROM sessions WHERE transcript_ended AND transcript_started_us > 0 AND transcript_last_us < ?"
)
SELECT_AWAITING_PROJECT = (
    "SELECT session_id FROM sessions WHERE awaits_project AND first_us < ? AND NOT (ended AND last_us = 0)"
)
UPSERT_SESSION = "INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

OPEN_CALL_COLUMNS = (
    "session_id, key, tool, agent_id, agent, started_us, opened_us, input_digest, fallback, error, identified, hooked,"
    " reported, end_evidence, end_outcome, end_us, end_error, ends_turn, turn, task, asked_us, end_change"
)
SELECT_OPEN_CALLS = f"SELECT {OPEN_CALL_COLUMNS} FROM open_calls WHERE session_id = ? ORDER BY rowid"  # noqa: S608 - likewise
SELECT_PRESUMED_CALLS = f"SELECT {OPEN_CALL_COLUMNS} FROM open_calls WHERE end_evidence > 0"  # noqa: S608 - likewise
SELECT_RUNNING_TOOLS = "SELECT session_id, tool FROM open_calls WHERE end_evidence = 0 AND task = ''"
SELECT_RUNNING_CALLS = f"SELECT {OPEN_CALL_COLUMNS} FROM open_calls WHERE end_evidence = 0 AND task = ''"  # noqa: S608 - likewise
SELECT_UNSETTLED = (
    "SELECT session_id FROM open_calls WHERE end_evidence > 0 AND coalesce(end_us, 0) < ?1"
    " UNION SELECT session_id FROM agent_runs WHERE end_evidence > 0 AND coalesce(end_us, 0) < ?1"
)
SELECT_EXPIRED = "SELECT session_id, key FROM open_calls WHERE opened_us < ? AND task = ''"
DELETE_OPEN_CALLS = "DELETE FROM open_calls WHERE session_id = ?"
INSERT_OPEN_CALL = "INSERT INTO open_calls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

RUN_COLUMNS = (
    "session_id, agent_id, agent, started_us, last_us, hooked, end_evidence, end_outcome, end_us, ends_turn,"
    " messages_us"
)
SELECT_RUNS = f"SELECT {RUN_COLUMNS} FROM agent_runs WHERE session_id = ? ORDER BY rowid"  # noqa: S608 - likewise
SELECT_RUNNING_AGENTS = (
    "SELECT session_id, agent FROM agent_runs WHERE end_evidence = 0 AND (hooked OR started_us IS NOT NULL)"
)
SELECT_SILENT_WORK = (
    "SELECT session_id FROM agent_runs JOIN sessions USING (session_id) WHERE sessions.last_us < ?1"
    " UNION SELECT session_id FROM open_calls JOIN sessions USING (session_id) WHERE task > '' AND last_us < ?1"
)
DELETE_RUNS = "DELETE FROM agent_runs WHERE session_id = ?"
INSERT_RUN = "INSERT INTO agent_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

SELECT_ORIGIN = (
    "SELECT model, agent, project, session, branch, skill, mcp_server, speed, region FROM origins WHERE id = ?"
)
INSERT_ORIGIN = (
    "INSERT OR IGNORE INTO origins (model, agent, project, session, branch, skill, mcp_server, speed, region)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT_ORIGIN_ID = (
    "SELECT id FROM origins WHERE model = ? AND agent = ? AND project = ? AND session = ? AND branch = ? AND skill = ?"
    " AND mcp_server = ? AND speed = ? AND region = ?"
)
MESSAGE_COLUMNS = (
    "key, origin, time_us, input, output, cache_read, cache_write_5m, cache_write_1h, web_searches, cost, cache_saved,"
    " cache_premium, fast, us_inference, copied, moved"
)
MESSAGES = (
    f"SELECT {MESSAGE_COLUMNS}, ifnull(born_us, 0)"  # noqa: S608 - likewise
    " FROM messages JOIN origins ON origins.id = origin LEFT JOIN transcript_sessions ON session_id = session"
)
SELECT_MESSAGES = f"{MESSAGES} WHERE key IN (SELECT value FROM json_each(?))"  # noqa: S608 - likewise
STARTS_SINCE = "SELECT started_us FROM cost_states WHERE time_us >= ?"
SESSIONS_SINCE = f"SELECT session FROM cost_states WHERE started_us IN ({STARTS_SINCE})"  # noqa: S608 - likewise
SELECT_MESSAGES_SINCE = (  # either condition has an index
    f"{MESSAGES} WHERE time_us >= ? OR origin IN (SELECT id FROM origins WHERE session IN ({SESSIONS_SINCE}))"  # noqa: S608 - likewise
)
SELECT_COST_STATES_SINCE = f"SELECT state FROM cost_states WHERE started_us IN ({STARTS_SINCE}) ORDER BY rowid"  # noqa: S608 - likewise
SELECT_ALL_PARENTS = "SELECT session, parent FROM forks"
SELECT_FILE_NAMES = "SELECT folder, name FROM files"
SELECT_SESSION_MESSAGES = f"{MESSAGES} WHERE session = ?"
UPSERT_MESSAGE = "INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# sum() fails where total() is exact up to 2^53 picodollars and rounded beyond; the cast ends at the largest integer.
SUM_OF_COST = "CAST(total(cost) AS INTEGER)"
SUM_OF_TOKENS = "CAST(total(input + output + cache_read + cache_write_5m + cache_write_1h) AS INTEGER)"
HAS_COST = "(cost <> 0 OR unpriced_tokens = 0)"
SELECT_SPENT_SINCE = f"SELECT slot, {SUM_OF_COST} FROM spending WHERE slot >= ? AND {HAS_COST} GROUP BY slot"  # noqa: S608 - likewise
SELECT_SPENT_BY_MODEL_AND_PROJECT = (
    f"SELECT slot, model, project, {SUM_OF_COST}"  # noqa: S608 - likewise
    f" FROM spending JOIN origins ON origins.id = origin WHERE slot >= ? AND {HAS_COST}"
    " GROUP BY slot, model, project"
)
SELECT_UNPRICED_BY_MODEL_AND_PROJECT = (
    "SELECT slot, model, project, CAST(total(unpriced_tokens) AS INTEGER)"
    " FROM spending JOIN origins ON origins.id = origin WHERE slot >= ? AND unpriced_tokens <> 0"
    " GROUP BY slot, model, project"
)
ADD_SPENT = (
    "INSERT INTO spending VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"  # noqa: S608 - likewise
    f" cost = min(cost + excluded.cost, {MAX_INTEGER}),"
    f" unpriced_tokens = min(unpriced_tokens + excluded.unpriced_tokens, {MAX_INTEGER})"
)
# The columns without an aggregate are those of the newest message.
SELECT_CONTEXTS = (
    "SELECT session, input + cache_read + cache_write_5m + cache_write_1h, model, max(time_us)"
    " FROM origins JOIN messages ON origin = origins.id"
    " WHERE session IN (SELECT value FROM json_each(?)) AND agent = 'main' GROUP BY session"
)
SELECT_TOKENS = (
    f"SELECT {SUM_OF_TOKENS} FROM messages"  # noqa: S608 - likewise
    " WHERE time_us >= ? AND time_us < ? AND key NOT IN (SELECT value FROM json_each(?))"
)
# Claude Code deletes the transcripts first that were not written for longest: all since the end of one still exist.
SELECT_REMEMBERED_SINCE = (
    "SELECT coalesce((SELECT min(transcript_last_us) FROM session_list WHERE transcript_last_us > 0),"
    " (SELECT min(last_us) FROM session_list)) FROM beginning WHERE all_is_read"
)
SELECT_EVENTS = "SELECT key FROM transcript_events WHERE key IN (SELECT value FROM json_each(?))"
INSERT_EVENT = "INSERT OR IGNORE INTO transcript_events VALUES (?)"
SELECT_UNSETTLED_STARTS = "SELECT DISTINCT started_us FROM cost_states WHERE settled = 0 AND time_us <= ?"
SELECT_COST_STATES = "SELECT state FROM cost_states WHERE started_us = ? ORDER BY rowid"
INSERT_COST_STATE = "INSERT OR IGNORE INTO cost_states VALUES (?, ?, ?, ?, ?, ?)"
SETTLE_COST_STATE = "UPDATE cost_states SET settled = 1 WHERE key = ?"
SELECT_PARENTS = "SELECT session, parent FROM forks WHERE session IN (SELECT value FROM json_each(?))"
UPSERT_FORK = "INSERT INTO forks VALUES (?, ?) ON CONFLICT DO UPDATE SET parent = excluded.parent WHERE parent = ''"
SELECT_TRANSCRIPT_FOLDERS = "SELECT folder FROM transcript_folders"
SELECT_PROJECTS = "SELECT path, label, first_us, unlabelled_sessions FROM projects"
COUNT_UNLABELLED = "SELECT count(*) FROM projects WHERE label = ''"
UPSERT_PROJECT = "INSERT OR REPLACE INTO projects VALUES (?, ?, ?, ?)"
SELECT_TRANSCRIPT_SESSIONS = (
    "SELECT session_id, project, born_us FROM transcript_sessions WHERE session_id IN (SELECT value FROM json_each(?))"
)
INSERT_TRANSCRIPT_SESSION = "INSERT OR IGNORE INTO transcript_sessions VALUES (?, ?, ?)"
INSERT_TRANSCRIPT_FOLDER = "INSERT OR IGNORE INTO transcript_folders VALUES (?)"

BOUNDED_CALLS = f"min(calls + excluded.calls, {MAX_INTEGER})"
ADD_CALLS = f"INSERT INTO session_calls VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = {BOUNDED_CALLS}"  # noqa: S608 - likewise
INSERT_PROMPT = "INSERT OR IGNORE INTO session_prompts VALUES (?, ?, ?)"
UPSERT_TITLE = "INSERT OR REPLACE INTO session_titles VALUES (?, ?, ?)"
INSERT_VERSION = "INSERT OR IGNORE INTO session_versions VALUES (?, ?)"
OF_SESSIONS = "WHERE session_id IN (SELECT value FROM json_each(?))"
SELECT_CALLS = f"SELECT session_id, tool, agent, outcome, calls FROM session_calls {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_PROMPTS = f"SELECT session_id, witness, time_us FROM session_prompts {OF_SESSIONS}"  # noqa: S608 - likewise
DELETE_TITLES = f"DELETE FROM session_titles {OF_SESSIONS}"  # noqa: S608 - likewise
DELETE_FIRST_PROMPTS = f"DELETE FROM first_prompts {OF_SESSIONS}"  # noqa: S608 - likewise
CLEAR_LISTED_TITLES = f"UPDATE session_list SET title = '' {OF_SESSIONS} AND title <> ''"  # noqa: S608 - likewise
SELECT_TITLES = f"SELECT session_id, kind, title FROM session_titles {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_FIRST_PROMPTS = f"SELECT session_id, time_us, line FROM first_prompts {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_VERSIONS = f"SELECT session_id, version FROM session_versions {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_SESSIONS_BY_START = f"SELECT {SESSION_COLUMNS} FROM sessions WHERE session_id BETWEEN ?1 AND ?1 || ?2"  # noqa: S608 - likewise

ORIGINS_OF_SESSIONS = "FROM origins WHERE session IN (SELECT value FROM json_each(?))"
SELECT_BRANCHES = f"SELECT DISTINCT session, branch {ORIGINS_OF_SESSIONS} AND branch > ''"

INSERT_CALL_KIND = "INSERT OR IGNORE INTO call_kinds (project, tool, agent, outcome, category) VALUES (?, ?, ?, ?, ?)"
SELECT_CALL_KIND = (
    "SELECT id FROM call_kinds WHERE project = ? AND tool = ? AND agent = ? AND outcome = ? AND category = ?"
)
ADD_CALL_HOUR = f"INSERT INTO call_hours VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET calls = {BOUNDED_CALLS}"  # noqa: S608 - likewise
SELECT_CALL_HOURS = (
    "SELECT hour, tool, agent, outcome, category, bucket, CAST(total(calls) AS INTEGER)"
    " FROM call_hours JOIN call_kinds ON id = kind WHERE hour >= ? AND hour < ? GROUP BY 1, 2, 3, 4, 5, 6"
)
ADD_CODE_HOUR = (
    "INSERT INTO code_hours VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - likewise
    f" ON CONFLICT DO UPDATE SET number = min(number + excluded.number, {MAX_INTEGER})"
)
ADD_SESSION_CODE = (
    "INSERT INTO session_code VALUES (?, ?, ?)"  # noqa: S608 - likewise
    f" ON CONFLICT DO UPDATE SET number = min(number + excluded.number, {MAX_INTEGER})"
)
SELECT_SESSION_CODE = f"SELECT session_id, measure, number FROM session_code {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_SESSIONS_WITH_CODE = (
    f"SELECT session_id FROM sessions, beginning {OF_SESSIONS}"  # noqa: S608 - likewise
    " AND (session_code_since_us = 0 OR first_us > session_code_since_us)"
)
SELECT_CODE_HOURS = (
    "SELECT hour, project, language, measure, number FROM code_hours WHERE hour >= ? AND hour < ?"
    " ORDER BY hour, project, language, measure"
)
SELECT_CODE_SINCE = "SELECT code_since_us FROM beginning"
SELECT_CALLS_SINCE = "SELECT calls_since_us FROM beginning"
ADDED = {
    name: f"{name} = max(-{MAX_INTEGER}, min({name} + excluded.{name}, {MAX_INTEGER}))"
    for name in ("messages", "priced", "input", "output", "cache_read", "cache_write", "cost", "unpriced_tokens")
}
ADD_USAGE = (
    "INSERT INTO session_usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - likewise
    f" ON CONFLICT DO UPDATE SET {', '.join(ADDED.values())}"
)
SELECT_USAGE = f"SELECT * FROM session_usage {OF_SESSIONS}"  # noqa: S608 - likewise
SELECT_UNPRICED = (
    "SELECT DISTINCT session_id, model FROM session_usage JOIN session_list USING (session_id)"
    " WHERE messages > priced AND (last_us >= ? OR session_id IN (SELECT value FROM json_each(?)))"
)
SELECT_COSTS_OF_SESSIONS = (
    "SELECT session_id, CAST(total(used.cost) AS INTEGER), total(priced) > 0,"
    " CAST(total(used.unpriced_tokens) AS INTEGER)"
    " FROM session_list JOIN session_usage AS used USING (session_id) WHERE last_us >= ?"
    " GROUP BY session_id HAVING total(messages) > 0"
)
KEEP_FIRST_PROMPT = (
    "INSERT INTO first_prompts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET time_us = excluded.time_us,"
    " line = excluded.line WHERE (excluded.time_us, excluded.line) < (time_us, line)"
)
# What a call is counted as that has presumably ended; `OpenCall.as_presumed` has the rule.
PRESUMED_OUTCOME = (
    "CASE WHEN end_evidence IN (4, 5) THEN end_outcome"
    " WHEN fallback = 'error' OR (fallback = 'denied' AND ends_turn) THEN fallback ELSE end_outcome END"
)
PRESUMED = "FROM open_calls WHERE session_id = sessions.session_id AND end_evidence > 0"
USED = "FROM session_usage WHERE session_id = sessions.session_id"
LIST_SESSIONS = f"""
    INSERT OR REPLACE INTO session_list SELECT session_id,
        title_line(coalesce(
            (SELECT title FROM session_titles WHERE session_id = sessions.session_id ORDER BY kind LIMIT 1),
            (SELECT line FROM first_prompts WHERE session_id = sessions.session_id), '')),
        project, first_us, last_us,
        calls + (SELECT count(*) {PRESUMED}),
        (SELECT CAST(total(calls) AS INTEGER) FROM session_calls
            WHERE session_id = sessions.session_id AND outcome = 'error')
            + (SELECT count(*) {PRESUMED} AND {PRESUMED_OUTCOME} = 'error'),
        open_calls, background_calls, running_agents, ended, hook_last_us, transcript_ended, transcript_last_us,
        (SELECT json_group_array(model) FROM (SELECT model {USED} AND messages > 0
            GROUP BY model ORDER BY total(cost) DESC, total(output) DESC, model)),
        (SELECT json_group_array(agent) FROM (SELECT agent FROM (
            SELECT agent {USED} AND messages > 0 AND agent <> 'not_itemized'
            UNION SELECT agent FROM session_calls WHERE session_id = sessions.session_id)
            ORDER BY agent <> 'main', agent)),
        (SELECT CAST(total(input) AS INTEGER) {USED}), (SELECT CAST(total(output) AS INTEGER) {USED}),
        (SELECT CAST(total(cache_read) AS INTEGER) {USED}), (SELECT CAST(total(cache_write) AS INTEGER) {USED}),
        (SELECT CAST(total(cost) AS INTEGER) {USED} HAVING total(priced) > 0),
        (SELECT CAST(total(unpriced_tokens) AS INTEGER) {USED})
    FROM sessions"""  # noqa: S608 - likewise
SELECT_LISTED = f"SELECT * FROM session_list {OF_SESSIONS}"  # noqa: S608 - likewise

SELECT_PRICE_LISTS = "SELECT since_seconds, digest, sources FROM price_lists ORDER BY rowid"
INSERT_PRICE_LIST = "INSERT INTO price_lists VALUES (CAST(strftime('%s', 'now') AS INTEGER), ?, ?)"

SELECT_SEEN = "SELECT keys FROM seen WHERE session_id = ? ORDER BY rowid"
SELECT_LAST_SEEN = "SELECT rowid, keys FROM seen WHERE session_id = ? ORDER BY rowid DESC LIMIT ?"
INSERT_SEEN = "INSERT INTO seen VALUES (?, ?)"
DELETE_SEEN = "DELETE FROM seen WHERE rowid = ?"
