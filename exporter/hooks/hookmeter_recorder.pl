# Appends one hook payload, stamped with the time, to the log of its session:
#
#   perl -C0 hookmeter_recorder.pl SESSIONS_DIR [EVENT [GETTIMEOFDAY]] < payload
#
# It delays every tool call, and most of its time is spent on compilation: it uses no module, not even strict, little
# code, and rare patterns are strings until they are needed. GETTIMEOFDAY is the number of that system call on this
# machine, the only clock with microseconds that needs no module. hookmeter_recorder.py writes the same line.

my ($sessions_dir, $event, $gettimeofday) = @ARGV;
my %files = (PreToolUse => 'pre_tool_use', PostToolUse => 'post_tool_use', PostToolUseFailure => 'post_tool_use');
$SIG{XFSZ} = 'IGNORE';    # at the file size limit the write fails, instead of a signal killing the process
umask 077;

my $line = '';
1 while sysread STDIN, $line, 1 << 16, length $line;
chomp $line;
$line =~ tr/\n/ / if index($line, "\n") >= 0;
$line =~ s/\A\s+//;
exit 0 unless length $line;

my $session = index($line, '{"session_id":"') == 0 ? substr $line, 15, index($line, '"', 15) - 15 : '';
$session = top_level('session_id') || $ENV{CLAUDE_CODE_SESSION_ID}
    if $session eq '' || $session =~ tr/A-Za-z0-9._-//c;    # not in the form that Claude Code writes
$session =~ tr/A-Za-z0-9._-/_/c;
substr $session, 0, 1, '_' if ord $session == ord '.';
$session = $session eq '' ? 'unknown-session' : substr $session, 0, 128;
my $recorded = $ENV{HOOKMETER_TASK_RECORDED};           # "SESSION:DIRECTORY:…": what a recorder of the server writes
exit 0 if $recorded && index($recorded, "$session:") == 0 && index("$recorded:", ":$sessions_dir:") > 0;
my $file = $files{$event || top_level('hook_event_name')} || 'events';
my $path = "$sessions_dir/$session/$file.jsonl";

my $timeval = "\0" x 16;
syscall 0 + $gettimeofday, $timeval, 0, 0 if $gettimeofday;
my ($epoch, $micros) = unpack 'l!l', $timeval;
($epoch, $micros) = (time, 0) if abs($epoch - time) > 1;    # the number is another system's
my ($second, $minute, $hour, $day, $month, $year) = gmtime $epoch;
my $stamp = sprintf '{"logged_at":"%d-%02d-%02dT%02d:%02d:%02d.%06dZ",',
    $year + 1900, $month + 1, $day, $hour, $minute, $second, $micros;
$stamp .= member('task_id', $ENV{TASK_ID}) . member('project_dir', $ENV{CLAUDE_PROJECT_DIR});
chop $stamp if index($line, '"') < 0;                       # no comma if no member follows
substr $line, 0, 1, $stamp if ord $line == ord '{';         # anything but an object is kept as it is, to be counted as malformed
$line .= "\n";

my $opened = open LOG, '+>>', $path;
unless ($opened) {
    for (my $end = 0; ($end = index $path, '/', $end + 1) > 0;) { mkdir substr $path, 0, $end }
    $opened = open LOG, '+>>', $path;
}
unless ($opened && -f LOG && locked()) {                    # no permission, no file, or somebody keeps the lock:
    open LOG, '+>>', "$path.0" or exit 0;                   # readers take this file for a rotated one
    exit 0 unless -f LOG;
    flock LOG, 6;
}
my $last = "\n";
sysread LOG, $last, 1 if sysseek LOG, -1, 2;
substr $line, 0, 0, "\n" if $last ne "\n";                  # a line that a full disk has cut off must not spoil this one
syswrite LOG, $line;                                        # one write, so that neither a reader nor a kill can split it
exit 0;

# Whether nobody else has the lock, within a second; without it, a line that is being written looks incomplete.
sub locked {
    return 1 if flock LOG, 6;
    local $SIG{ALRM} = sub { alarm 1 };
    alarm 1;
    my $locked = flock(LOG, 2) || $! != 4;                  # 4: interrupted; any other error: the file system has no locks
    alarm 0;
    return $locked;
}

# A JSON member with its comma; empty if the value would have to be escaped.
sub member {
    my ($name, $value) = @_;
    return '' if $value eq '' || $value =~ tr/\x00-\x1f"\\// || !utf8::decode(my $copy = $value);
    return qq("$name":"$value",);
}

# The text of a string member at the top level of the payload, never of a nested object.
sub top_level {
    my ($name) = @_;
    my $string = '"[^"\\\\]*+(?:\\\\.[^"\\\\]*+)*+"';
    my $nested = "([{[](?:[^\"{}\\[\\]]++|$string|(?1))*+[}\\]])";
    return $line =~ /\A\{(?:\s*$string\s*:\s*(?:$string|$nested|[^\s,"{}\[\]]++)\s*,)*?\s*"$name"\s*:\s*($string)/s
        ? substr $2, 1, -1 : '';
}
