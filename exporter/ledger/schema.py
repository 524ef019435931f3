"""The tables of the ledger, as numbered migrations; a ledger of version n has had the first n."""

from __future__ import annotations

import sqlite3

from exporter.ledger.queries import LIST_SESSIONS, SUM_OF_TOKENS

APPLICATION_ID = 0x686F6F6B  # "hook"

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE files (
        folder TEXT NOT NULL, name TEXT NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
        size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, position INTEGER NOT NULL, tail BLOB NOT NULL,
        PRIMARY KEY (folder, name)
    ) WITHOUT ROWID;
    CREATE TABLE counters (
        name TEXT NOT NULL, labels TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (name, labels)
    ) WITHOUT ROWID;
    CREATE TABLE distributions (
        name TEXT NOT NULL, labels TEXT NOT NULL, counts TEXT NOT NULL, sum_us INTEGER NOT NULL,
        PRIMARY KEY (name, labels)
    ) WITHOUT ROWID;
    CREATE TABLE label_values (
        label TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (label, value)
    ) WITHOUT ROWID;
    CREATE TABLE sessions (
        session_id TEXT PRIMARY KEY, project TEXT NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
        run_started_us INTEGER NOT NULL, ended INTEGER NOT NULL, calls INTEGER NOT NULL, open_calls INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX sessions_by_last ON sessions (last_us);
    CREATE INDEX runs_by_last ON sessions (last_us) WHERE run_started_us > 0;
    CREATE TABLE open_calls (
        session_id TEXT NOT NULL, key TEXT NOT NULL, tool TEXT NOT NULL, agent_id TEXT NOT NULL,
        agent TEXT NOT NULL, started_us INTEGER, opened_us INTEGER NOT NULL,
        input_digest BLOB NOT NULL, fallback TEXT NOT NULL, error TEXT NOT NULL,
        identified INTEGER NOT NULL, PRIMARY KEY (session_id, key)
    );
    CREATE INDEX open_calls_by_age ON open_calls (opened_us);
    CREATE TABLE seen (session_id TEXT NOT NULL, keys TEXT NOT NULL);
    CREATE INDEX seen_by_session ON seen (session_id);
    """,
    """
    ALTER TABLE distributions RENAME COLUMN sum_us TO sum;
    CREATE TABLE origins (
        id INTEGER PRIMARY KEY, model TEXT NOT NULL, agent TEXT NOT NULL, project TEXT NOT NULL, session TEXT NOT NULL,
        UNIQUE (model, agent, project, session)
    );
    CREATE TABLE messages (
        key INTEGER PRIMARY KEY, origin INTEGER NOT NULL, time_us INTEGER NOT NULL, input INTEGER NOT NULL,
        output INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
        cache_write_1h INTEGER NOT NULL, web_searches INTEGER NOT NULL, cost INTEGER, cache_saved INTEGER,
        cache_premium INTEGER
    );
    CREATE TABLE spent (slot INTEGER PRIMARY KEY, cost INTEGER NOT NULL);
    CREATE TABLE transcript_folders (folder TEXT PRIMARY KEY) WITHOUT ROWID;
    """,
    """
    CREATE TABLE spending (
        slot INTEGER NOT NULL, origin INTEGER NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (slot, origin)
    ) WITHOUT ROWID;
    INSERT INTO spending
        SELECT time_us / 900000000, origin, sum(cost) FROM messages WHERE cost IS NOT NULL GROUP BY 1, 2;
    DROP TABLE spent;
    """,
    """
    CREATE TABLE beginning (created_seconds INTEGER NOT NULL);
    INSERT INTO beginning SELECT CAST(strftime('%s', 'now') AS INTEGER);
    """,
    """
    ALTER TABLE open_calls ADD COLUMN hooked INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE open_calls ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE open_calls ADD COLUMN end_evidence INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE open_calls ADD COLUMN end_outcome TEXT NOT NULL DEFAULT '';
    ALTER TABLE open_calls ADD COLUMN end_us INTEGER;
    ALTER TABLE open_calls ADD COLUMN end_error TEXT NOT NULL DEFAULT '';
    ALTER TABLE open_calls ADD COLUMN ends_turn INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX presumed_ends ON open_calls (coalesce(end_us, 0)) WHERE end_evidence > 0;
    ALTER TABLE sessions ADD COLUMN hook_last_us INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN transcript_started_us INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN transcript_last_us INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN transcript_ended INTEGER NOT NULL DEFAULT 0;
    UPDATE sessions SET hook_last_us = last_us;
    DROP INDEX runs_by_last;
    CREATE INDEX runs_by_last ON sessions (last_us) WHERE run_started_us > 0 OR transcript_started_us > 0;
    CREATE INDEX ended_transcripts ON sessions (transcript_last_us)
        WHERE transcript_ended AND transcript_started_us > 0;
    """,
    "CREATE TABLE transcript_events (key INTEGER PRIMARY KEY);",
    """
    ALTER TABLE open_calls ADD COLUMN turn TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN tallies TEXT NOT NULL DEFAULT '{}';
    """,
    "ALTER TABLE sessions ADD COLUMN closing_events TEXT NOT NULL DEFAULT '[]';",
    """
    ALTER TABLE messages ADD COLUMN fast INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN us_inference INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX messages_by_origin ON messages (origin);
    CREATE INDEX origins_by_session ON origins (session);
    CREATE TABLE cost_states (
        key INTEGER NOT NULL UNIQUE, session TEXT NOT NULL, started_us INTEGER NOT NULL, time_us INTEGER NOT NULL,
        settled INTEGER NOT NULL, state TEXT NOT NULL
    );
    CREATE INDEX cost_states_by_start ON cost_states (started_us);
    CREATE INDEX unsettled_cost_states ON cost_states (time_us) WHERE settled = 0;
    CREATE TABLE forks (session TEXT PRIMARY KEY, parent TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    CREATE TABLE agent_runs (
        session_id TEXT NOT NULL, agent_id TEXT NOT NULL, agent TEXT NOT NULL, started_us INTEGER,
        last_us INTEGER NOT NULL, hooked INTEGER NOT NULL, end_evidence INTEGER NOT NULL, end_outcome TEXT NOT NULL,
        end_us INTEGER, ends_turn INTEGER NOT NULL
    );
    CREATE INDEX agent_runs_by_session ON agent_runs (session_id);
    """,
    """
    ALTER TABLE open_calls ADD COLUMN task TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN background_calls INTEGER NOT NULL DEFAULT 0;
    """,
    """
    CREATE TABLE projects (
        path TEXT PRIMARY KEY, label TEXT NOT NULL, first_us INTEGER NOT NULL, unlabelled_sessions INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE transcript_sessions (
        session_id TEXT PRIMARY KEY, project TEXT NOT NULL, born_us INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    "ALTER TABLE messages ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;",
    """
    CREATE TABLE wider_origins (
        id INTEGER PRIMARY KEY, model TEXT NOT NULL, agent TEXT NOT NULL, project TEXT NOT NULL, session TEXT NOT NULL,
        branch TEXT NOT NULL, skill TEXT NOT NULL, mcp_server TEXT NOT NULL, speed TEXT NOT NULL, region TEXT NOT NULL,
        UNIQUE (model, agent, project, session, branch, skill, mcp_server, speed, region)
    );
    INSERT INTO wider_origins SELECT id, model, agent, project, session, '', '', '', '', '' FROM origins;
    DROP TABLE origins;
    ALTER TABLE wider_origins RENAME TO origins;
    CREATE INDEX origins_by_session ON origins (session);
    """,
    """
    ALTER TABLE sessions ADD COLUMN hooks_alone_us INTEGER NOT NULL DEFAULT 0;
    UPDATE sessions SET hooks_alone_us = hook_last_us;
    ALTER TABLE beginning ADD COLUMN past_is_unread INTEGER NOT NULL DEFAULT 0;
    UPDATE beginning SET past_is_unread = EXISTS (SELECT 1 FROM files);
    """,
    "ALTER TABLE sessions ADD COLUMN running_agents INTEGER NOT NULL DEFAULT 0;",
    """
    CREATE TABLE session_calls (
        session_id TEXT NOT NULL, tool TEXT NOT NULL, agent TEXT NOT NULL, outcome TEXT NOT NULL,
        calls INTEGER NOT NULL, PRIMARY KEY (session_id, tool, agent, outcome)
    ) WITHOUT ROWID;
    CREATE TABLE session_prompts (
        session_id TEXT NOT NULL, witness TEXT NOT NULL, time_us INTEGER NOT NULL,
        PRIMARY KEY (session_id, witness, time_us)
    ) WITHOUT ROWID;
    CREATE TABLE session_titles (
        session_id TEXT NOT NULL, kind INTEGER NOT NULL, title TEXT NOT NULL, PRIMARY KEY (session_id, kind)
    ) WITHOUT ROWID;
    CREATE TABLE session_versions (
        session_id TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (session_id, version)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE price_lists (since_seconds INTEGER NOT NULL, digest TEXT NOT NULL, sources TEXT NOT NULL);
    INSERT INTO price_lists
        SELECT created_seconds, '', '["those of an earlier version of hookmeter"]' FROM beginning
        WHERE EXISTS (SELECT 1 FROM messages);
    """,
    """
    ALTER TABLE sessions ADD COLUMN awaits_project INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX awaiting_project ON sessions (first_us) WHERE awaits_project;
    """,
    """
    CREATE TEMP TABLE unprintable_counters AS SELECT * FROM counters WHERE labels <> printable_labels(labels);
    DELETE FROM counters WHERE labels <> printable_labels(labels);
    INSERT INTO counters SELECT name, printable_labels(labels), value FROM unprintable_counters WHERE true
        ON CONFLICT (name, labels) DO UPDATE SET value = value + excluded.value;
    DROP TABLE unprintable_counters;
    CREATE TEMP TABLE unprintable_distributions AS
        SELECT * FROM distributions WHERE labels <> printable_labels(labels);
    DELETE FROM distributions WHERE labels <> printable_labels(labels);
    INSERT INTO distributions
        SELECT name, printable_labels(labels), counts, sum FROM unprintable_distributions WHERE true
        ON CONFLICT (name, labels) DO UPDATE SET
            counts = sum_of_counts(counts, excluded.counts), sum = sum + excluded.sum;
    DROP TABLE unprintable_distributions;
    UPDATE OR REPLACE label_values SET value = printable(value) WHERE value <> printable(value);
    """,
    """
    CREATE TABLE session_usage (
        session_id TEXT NOT NULL, model TEXT NOT NULL, agent TEXT NOT NULL, messages INTEGER NOT NULL,
        priced INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
        cache_write INTEGER NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (session_id, model, agent)
    ) WITHOUT ROWID;
    INSERT INTO session_usage SELECT session, model, agent, count(*), count(cost), CAST(total(input) AS INTEGER),
        CAST(total(output) AS INTEGER), CAST(total(cache_read) AS INTEGER),
        CAST(total(cache_write_5m + cache_write_1h) AS INTEGER), CAST(total(cost) AS INTEGER)
        FROM messages JOIN origins ON origins.id = origin GROUP BY session, model, agent;
    CREATE INDEX unpriced_usage ON session_usage (session_id) WHERE messages > priced;
    CREATE TABLE first_prompts (
        session_id TEXT PRIMARY KEY, time_us INTEGER NOT NULL, line TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE session_list (
        session_id TEXT PRIMARY KEY, title TEXT NOT NULL, project TEXT NOT NULL, first_us INTEGER NOT NULL,
        last_us INTEGER NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL, open_calls INTEGER NOT NULL,
        background_calls INTEGER NOT NULL, running_agents INTEGER NOT NULL, ended INTEGER NOT NULL,
        hook_last_us INTEGER NOT NULL, transcript_ended INTEGER NOT NULL, transcript_last_us INTEGER NOT NULL,
        models TEXT NOT NULL, agents TEXT NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL,
        cache_read INTEGER NOT NULL, cache_write INTEGER NOT NULL, cost INTEGER
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE call_kinds (
        id INTEGER PRIMARY KEY, project TEXT NOT NULL, tool TEXT NOT NULL, agent TEXT NOT NULL, outcome TEXT NOT NULL,
        category TEXT NOT NULL, UNIQUE (project, tool, agent, outcome, category)
    );
    CREATE TABLE call_hours (
        hour INTEGER NOT NULL, kind INTEGER NOT NULL, bucket INTEGER NOT NULL, calls INTEGER NOT NULL,
        PRIMARY KEY (hour, kind, bucket)
    ) WITHOUT ROWID;
    ALTER TABLE beginning ADD COLUMN calls_since_us INTEGER NOT NULL DEFAULT 0;
    UPDATE beginning SET calls_since_us = ifnull((SELECT max(last_us) FROM sessions WHERE calls > 0), 0);
    """,
    "ALTER TABLE beginning ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;",
    "",  # filled `session_list`, as the last step that changes it does: all of it derives from other tables
    """
    ALTER TABLE beginning ADD COLUMN hours_are_unread INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE beginning ADD COLUMN all_is_read INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE open_calls ADD COLUMN asked_us INTEGER;
    UPDATE beginning SET hours_are_unread = calls_since_us > 0, all_is_read = EXISTS (SELECT 1 FROM files);
    """,
    """
    ALTER TABLE open_calls ADD COLUMN end_change TEXT NOT NULL DEFAULT '';
    CREATE TABLE code_hours (
        hour INTEGER NOT NULL, project TEXT NOT NULL, language TEXT NOT NULL, measure TEXT NOT NULL,
        number INTEGER NOT NULL, PRIMARY KEY (hour, project, language, measure)
    ) WITHOUT ROWID;
    ALTER TABLE beginning ADD COLUMN code_since_us INTEGER NOT NULL DEFAULT 0;
    UPDATE beginning SET code_since_us = ifnull((SELECT max(last_us) FROM sessions WHERE calls > 0), 0);
    """,
    """
    CREATE TABLE session_code (
        session_id TEXT NOT NULL, measure TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (session_id, measure)
    ) WITHOUT ROWID;
    ALTER TABLE beginning ADD COLUMN session_code_since_us INTEGER NOT NULL DEFAULT 0;
    UPDATE beginning SET session_code_since_us = ifnull((SELECT max(last_us) FROM sessions WHERE calls > 0), 0);
    """,
    """
    CREATE INDEX messages_by_time ON messages (time_us);
    CREATE INDEX cost_states_by_time ON cost_states (time_us);
    """,
    "ALTER TABLE agent_runs ADD COLUMN messages_us TEXT NOT NULL DEFAULT '[]';",
    f"""
    ALTER TABLE spending ADD COLUMN unpriced_tokens INTEGER NOT NULL DEFAULT 0;
    INSERT INTO spending SELECT time_us / 900000000, origin, 0, {SUM_OF_TOKENS} FROM messages
        WHERE cost IS NULL GROUP BY 1, 2
        ON CONFLICT DO UPDATE SET unpriced_tokens = excluded.unpriced_tokens;
    ALTER TABLE session_usage ADD COLUMN unpriced_tokens INTEGER NOT NULL DEFAULT 0;
    UPDATE session_usage SET unpriced_tokens = (
        SELECT {SUM_OF_TOKENS} FROM origins JOIN messages ON origin = origins.id
        WHERE session = session_id AND origins.model = session_usage.model AND origins.agent = session_usage.agent
            AND cost IS NULL
    ) WHERE messages > priced;
    ALTER TABLE session_list ADD COLUMN unpriced_tokens INTEGER NOT NULL DEFAULT 0;
    {LIST_SESSIONS};
    """,  # noqa: S608 - constants only
)
VERSION = len(MIGRATIONS)


def version(connection: sqlite3.Connection) -> int:
    """The number of migrations that a ledger has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
