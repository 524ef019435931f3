/* Appends one hook payload, stamped with the time, to the log of its session:
 *
 *   hookmeter_recorder SESSIONS_DIR EVENT [CLOCK PLUGIN SCRIPT_RECORDER…] < payload
 *
 * `hookmeter hooks install` compiles it where there is a C compiler, because it takes half the time of
 * hookmeter_recorder.pl, which writes the same line and says why it is done in this way. It prints nothing and exits
 * with 0 whatever happens, because nothing that happens here may affect the agent. What is rare, the cutting of results, is
 * left to the recorder that follows in the arguments. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SESSION = 128, MAX_STAMP = 256, BETWEEN_BOTH = 1 << 16, MIN_CUT = 1 << 14, SECONDS_BETWEEN_BOTH = 10 };
enum { LOCK_TRIES = 200, LOCK_PAUSE_NS = 5000000 };

static const char *FILES[][2] = {
    {"PreToolUse", "pre_tool_use"}, {"PostToolUse", "post_tool_use"}, {"PostToolUseFailure", "post_tool_use"}};
static const char SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
static const char FIRST_MEMBER[] = "{\"session_id\":\"";
static const char BY_PLUGIN[] = ",\"recorded_by\":\"plugin\",";
static const char SPACES[] = " \t\n\r\f\v", AFTER_SCALAR[] = ",\"{}[] \t\n\r\f\v";

typedef struct { char *start; size_t length; } Text;

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static void *allocated(void *old, size_t size) {
    void *memory = realloc(old, size);
    if (!memory) exit(0);
    return memory;
}

/* Everything on stdin, after `room` unused bytes and before two more. */
static Text read_payload(size_t room) {
    size_t length = 0, size = 1 << 16;
    char *memory = allocated(NULL, room + size + 2);
    for (;;) {
        ssize_t got = read(0, memory + room + length, size - length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        length += (size_t)got;
        if (length == size) memory = allocated(memory, room + (size *= 2) + 2);
    }
    return (Text){memory + room, length};
}

static const char *after_spaces(const char *at, const char *end) {
    while (at < end && memchr(SPACES, *at, sizeof SPACES - 1)) at++;
    return at;
}

/* The payload on one line, without space before it. */
static Text on_one_line(Text payload) {
    if (payload.length && payload.start[payload.length - 1] == '\n') payload.length--;
    for (char *at = payload.start; (at = memchr(at, '\n', (size_t)(payload.start + payload.length - at)));) *at = ' ';
    const char *end = payload.start + payload.length, *start = after_spaces(payload.start, end);
    return (Text){(char *)start, (size_t)(end - start)};
}

/* The place after a string that begins here; NULL if it does not end. */
static const char *after_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : NULL;
}

/* The place after a value that begins here; NULL if it does not end. */
static const char *after_value(const char *at, const char *end) {
    size_t depth = 0;
    if (!memchr("\"{[", *at, 3)) {
        const char *start = at;
        while (at < end && !memchr(AFTER_SCALAR, *at, sizeof AFTER_SCALAR - 1)) at++;
        return at > start ? at : NULL;
    }
    do {
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at = *at == '"' ? after_string(at, end) : at + 1;
    } while (at && at < end && depth);
    return depth ? NULL : at;
}

/* The text of a string member at the top level of the payload, never of a nested object; empty if there is none. */
static Text top_level(Text payload, const char *name) {
    const char *at = payload.start, *end = at + payload.length;
    size_t length = strlen(name);
    if (at == end || *at != '{') return (Text){payload.start, 0};
    do {
        const char *key = after_spaces(at + 1, end), *after_key = key < end && *key == '"' ? after_string(key, end) : NULL;
        const char *value = after_key ? after_spaces(after_key, end) : end;
        if (value == end || *value != ':' || (value = after_spaces(value + 1, end)) == end) break;
        at = after_value(value, end);
        bool is_it = (size_t)(after_key - key) == length + 2 && memcmp(key + 1, name, length) == 0;
        if (at && is_it && *value == '"') return (Text){(char *)value + 1, (size_t)(at - value) - 2};
        at = at ? after_spaces(at, end) : end;
    } while (at < end && *at == ',');
    return (Text){payload.start, 0};
}

static bool is_safe(Text name) {
    for (size_t i = 0; i < name.length; i++)
        if (!memchr(SAFE, name.start[i], sizeof SAFE - 1)) return false;
    return name.length > 0;
}

/* The name of the session's directory: its id, made safe. */
static void name_session(char session[MAX_SESSION + 1], Text payload) {
    size_t before = sizeof FIRST_MEMBER - 1;
    Text id = {payload.start, 0};
    if (payload.length > before && memcmp(payload.start, FIRST_MEMBER, before) == 0) {
        char *start = payload.start + before, *quote = memchr(start, '"', payload.length - before);
        id = (Text){start, quote ? (size_t)(quote - start) : 0};
    }
    if (!is_safe(id)) id = top_level(payload, "session_id"); /* not in the form that Claude Code writes */
    const char *chosen = id.length ? id.start : variable("CLAUDE_CODE_SESSION_ID");
    size_t length = id.length ? id.length : strlen(chosen);
    if (length == 0) chosen = "unknown-session", length = strlen(chosen);
    if (length > MAX_SESSION) length = MAX_SESSION;
    for (size_t i = 0; i < length; i++) session[i] = memchr(SAFE, chosen[i], sizeof SAFE - 1) ? chosen[i] : '_';
    session[length] = 0;
    if (*session == '.') *session = '_';
}

/* Whether a recorder of hookmeter's server writes the session to this directory, too; "SESSION:DIRECTORY:…". */
static bool is_recorded_by_server(const char *session, const char *sessions_dir) {
    const char *recorded = variable("HOOKMETER_TASK_RECORDED");
    size_t length = strlen(session), wanted = strlen(sessions_dir);
    if (strncmp(recorded, session, length) != 0 || recorded[length] != ':') return false;
    for (const char *at = recorded + length; at; at = strchr(at + 1, ':'))
        if (strncmp(at + 1, sessions_dir, wanted) == 0 && (at[1 + wanted] == ':' || at[1 + wanted] == 0)) return true;
    return false;
}

static bool is_utf8(const unsigned char *at) {
    static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    while (*at) {
        unsigned more = *at < 0x80 ? 0 : *at >> 5 == 6 ? 1 : *at >> 4 == 14 ? 2 : *at >> 3 == 30 ? 3 : 4;
        if (more == 4) return false;
        unsigned code = more ? *at & (0x3f >> more) : *at;
        at++;
        for (unsigned i = 0; i < more; i++, at++) {
            if (*at >> 6 != 2) return false;
            code = code << 6 | (*at & 0x3f);
        }
        if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
    }
    return true;
}

/* Writes a JSON member with its comma; nothing if the value would have to be escaped. Returns the place after it. */
static char *write_member(char *to, const char *name, const char *value) {
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == '"' || *at == '\\') return to;
    return *value && is_utf8((const unsigned char *)value) ? to + sprintf(to, "\"%s\":\"%s\",", name, value) : to;
}

/* Writes the start of a line, up to the second. Returns the place after it. */
static char *write_second(char *to, time_t second) {
    struct tm utc;
    gmtime_r(&second, &utc);
    return to + strftime(to, MAX_STAMP, "{\"logged_at\":\"%Y-%m-%dT%H:%M:%S", &utc);
}

/* Creates the directories above a path. */
static void make_directories(char *path) {
    for (char *slash = path; (slash = strchr(slash + 1, '/')); *slash = '/') {
        *slash = 0;
        mkdir(path, 0700);
    }
}

/* A log to append to; -1 if it may not be written or is no regular file. */
static int open_log(const char *path) {
    struct stat found;
    int log = open(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);
    return log >= 0 && fstat(log, &found) == 0 && S_ISREG(found.st_mode) ? log : -1;
}

/* Whether nobody else has the lock, within a second; without it, a line that is being written looks incomplete. */
static bool is_locked(int log) {
    struct timespec pause = {0, LOCK_PAUSE_NS};
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(log, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return true; /* some file systems have no locks */
        nanosleep(&pause, NULL);
    }
    return false;
}

/* The log of a session, locked, or if that cannot be had, another file, which readers take for a rotated one. */
static int locked_log(char *path) {
    int log = open_log(path);
    if (log < 0 && errno == ENOENT) make_directories(path), log = open_log(path);
    if (log >= 0 && is_locked(log)) return log;
    log = open_log(strcat(path, ".0"));
    if (log >= 0) flock(log, LOCK_EX | LOCK_NB);
    return log;
}

/* The end of a log. */
static Text last_bytes(int log, size_t number) {
    off_t size = lseek(log, 0, SEEK_END), start = size > (off_t)number ? size - (off_t)number : 0;
    char *memory = allocated(NULL, number + 1);
    ssize_t got = pread(log, memory, number, start);
    return (Text){memory, got > 0 ? (size_t)got : 0};
}

/* Whether the same event was recorded by the hooks of settings if these are the plugin's, or the reverse. Only the last
 * line of the same payload counts, so that of several equal events of one moment each is recorded, by one of both. */
static bool is_recorded_by_the_other(Text tail, Text members, time_t now, bool is_plugin) {
    const char *end = tail.start + tail.length, *last = NULL;
    for (const char *at = tail.start; (at = memmem(at, (size_t)(end - at), members.start, members.length)); at++) last = at;
    if (!last || last == tail.start) return false;
    const char *newline = memrchr(tail.start, '\n', (size_t)(last - tail.start)), *line = newline ? newline + 1 : tail.start;
    char earliest[MAX_STAMP];
    size_t length = (size_t)(write_second(earliest, now - SECONDS_BETWEEN_BOTH) - earliest), has = (size_t)(last - line);
    if (has < length || *line != '{' || memcmp(line, earliest, length) < 0) return false;
    return (memmem(line, has, BY_PLUGIN, sizeof BY_PLUGIN - 1) != NULL) != is_plugin;
}

/* The path of the log of a session for an event, with room for a suffix. */
static char *log_path(const char *sessions_dir, const char *session, const char *event, Text payload) {
    Text name = *event ? (Text){(char *)event, strlen(event)} : top_level(payload, "hook_event_name");
    const char *file = "events";
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
        if (name.length == strlen(FILES[i][0]) && memcmp(name.start, FILES[i][0], name.length) == 0) file = FILES[i][1];
    char *path = allocated(NULL, strlen(sessions_dir) + MAX_SESSION + 64);
    sprintf(path, "%s/%s/%s.jsonl", sessions_dir, session, file);
    return path;
}

/* The payload with time, source, task and project; anything but an object is kept, to be counted as malformed. */
static Text stamped(Text payload, size_t room, struct timespec now, bool is_plugin) {
    if (*payload.start != '{') return payload;
    char *stamp = allocated(NULL, room), *to = write_second(stamp, now.tv_sec);
    to += sprintf(to, ".%06ldZ\"%s", now.tv_nsec / 1000, is_plugin ? BY_PLUGIN : ",");
    to = write_member(to, "task_id", variable("TASK_ID"));
    to = write_member(to, "project_dir", variable("CLAUDE_PROJECT_DIR"));
    size_t length = (size_t)(to - stamp);
    if (!memchr(payload.start, '"', payload.length)) length--; /* no comma if no member follows */
    Text line = {payload.start + 1 - length, payload.length - 1 + length};
    memcpy(line.start, stamp, length);
    return line;
}

/* Whether a file in the sessions directory exists. */
static bool has_file(const char *sessions_dir, const char *name) {
    char *path = allocated(NULL, strlen(sessions_dir) + MAX_STAMP);
    return sprintf(path, "%s/%s", sessions_dir, name) > 0 && access(path, F_OK) == 0;
}

/* Becomes the recorder in `words`, which end with its script, with the same payload and arguments; returns if that is
 * impossible. An interpreter without its script would exit with 2, which blocks the agent. */
static void leave_to(char **words, int count, Text payload, char **arguments) {
    int file = memfd_create("payload", MFD_CLOEXEC);
    char **all = allocated(NULL, ((size_t)count + 5) * sizeof *all);
    memcpy(all, words, (size_t)count * sizeof *all);
    memcpy(all + count, arguments, 4 * sizeof *all);
    all[count + 4] = NULL;
    if (access(words[count - 1], R_OK) == 0 && write(file, payload.start, payload.length) == (ssize_t)payload.length && lseek(file, 0, SEEK_SET) == 0 &&
        dup2(file, 0) == 0)
        execv(*all, all);
}

int main(int count, char **words) {
    const char *sessions_dir = count > 1 ? words[1] : "", *event = count > 2 ? words[2] : "";
    bool is_plugin = count > 4 && *words[4];
    size_t room = MAX_STAMP + strlen(variable("TASK_ID")) + strlen(variable("CLAUDE_PROJECT_DIR"));
    signal(SIGXFSZ, SIG_IGN); /* at the file size limit the write fails, instead of a signal killing the process */
    umask(077);

    Text payload = on_one_line(read_payload(room));
    if (!payload.length) return 0;
    char session[MAX_SESSION + 1];
    name_session(session, payload);
    if (is_recorded_by_server(session, sessions_dir)) return 0;
    if (count > 5 && payload.length > MIN_CUT && has_file(sessions_dir, ".max-payload"))
        leave_to(words + 5, count - 5, payload, words + 1);

    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char *path = log_path(sessions_dir, session, event, payload);
    Text line = stamped(payload, room, now, is_plugin);
    line.start[line.length++] = '\n';
    Text members = {payload.start + 1, payload.length};
    int log = locked_log(path);
    if (log < 0) return 0;
    bool both = is_plugin || has_file(sessions_dir, ".plugin") /* which the plugin's hooks create before they record */;
    Text tail = last_bytes(log, both ? 2 * line.length + BETWEEN_BOTH : 1);
    if (both && is_recorded_by_the_other(tail, members, now.tv_sec, is_plugin)) return 0;
    if (tail.length && tail.start[tail.length - 1] != '\n') /* what a full disk has cut off must not spoil this line */
        *--line.start = '\n', line.length++;
    ssize_t written = write(log, line.start, line.length); /* one, so that neither a reader nor a kill can split it */
    (void)written;
    return 0;
}
