# Appends one hook payload, stamped with the time, to the log of its session:
#
#   perl -C0 hookmeter_recorder.pl SESSIONS_DIR [EVENT [GETTIMEOFDAY [plugin]]] < payload
#
# It delays every tool call, and most of its time is spent on compilation: it uses no module, not even strict, little
# code, and rare patterns are strings until they are needed. GETTIMEOFDAY is the number of that system call on this
# machine, the only clock with microseconds that needs no module. The hooks of the plugin say so: where settings have
# hooks, too, each event is recorded by whichever comes first. hookmeter_recorder.py writes the same line.

my ($sessions_dir, $event, $gettimeofday, $plugin) = @ARGV;
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
$session = top_level('session_id') if $session eq '' || $session =~ tr/A-Za-z0-9._-//c;  # not as Claude Code writes it
$session = $ENV{CLAUDE_CODE_SESSION_ID} if $session eq '';
$session =~ tr/A-Za-z0-9._-/_/c;
substr $session, 0, 1, '_' if ord $session == ord '.';
$session = $session eq '' ? 'unknown-session' : substr $session, 0, 128;
my $recorded = $ENV{HOOKMETER_TASK_RECORDED};           # "SESSION:DIRECTORY:…": what a recorder of the server writes
exit 0 if $recorded && index($recorded, "$session:") == 0 && index("$recorded:", ":$sessions_dir:") > 0;
my $file = $files{$event || top_level('hook_event_name')} || 'events';
my $path = "$sessions_dir/$session/$file.jsonl";

eval join '', <DATA> if length $line > 1 << 14 && -s "$sessions_dir/.max-payload";   # compiled only if it is needed

my $timeval = "\0" x 16;
syscall 0 + $gettimeofday, $timeval, 0, 0 if $gettimeofday;
my ($epoch, $micros) = unpack 'l!l', $timeval;
($epoch, $micros) = (time, 0) if abs($epoch - time) > 1;    # the number is another system's
my $stamp = sprintf '%s.%06dZ",', logged_at($epoch), $micros;
$stamp .= '"recorded_by":"plugin",' if $plugin;
$stamp .= member('task_id', $ENV{TASK_ID}) . member('project_dir', $ENV{CLAUDE_PROJECT_DIR});
chop $stamp if index($line, '"') < 0;                       # no comma if no member follows
my $members = substr "$line\n", 1;
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
my $tail = '';
my $both = $plugin || -e "$sessions_dir/.plugin";           # the plugin's hooks create this file before they record
my $enough = $both ? 2 * length($line) + (1 << 16) : 1;     # more than concurrent hooks have written in between
sysseek LOG, -$enough, 2 or sysseek LOG, 0, 0;
sysread LOG, $tail, $enough;
exit 0 if $both && is_recorded_by_the_other();
$line = "\n$line" if substr("\n$tail", -1) ne "\n";        # a line that a full disk has cut off must not spoil this one
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

# The start of a line, up to the second.
sub logged_at {
    my ($second, $minute, $hour, $day, $month, $year) = gmtime $_[0];
    return sprintf '{"logged_at":"%d-%02d-%02dT%02d:%02d:%02d', $year + 1900, $month + 1, $day, $hour, $minute, $second;
}

# Whether the same event was recorded by the hooks of settings if these are the plugin's, or the reverse. Only the last
# line of the same payload counts, so that of several equal events of one moment each is recorded, by one of both.
sub is_recorded_by_the_other {
    my $at = rindex $tail, $members;
    return 0 if $at < 1;
    my $start = 1 + rindex $tail, "\n", $at - 1;
    my $stamp = substr $tail, $start, $at - $start;
    return $stamp ge logged_at($epoch - 10) && ord $stamp == ord '{'
        && (index($stamp, ',"recorded_by":"plugin",') >= 0) != !!$plugin;
}

# A JSON member with its comma; empty if the value would have to be escaped.
sub member {
    my ($name, $value) = @_;
    return '' if $value eq '' || $value =~ tr/\x00-\x1f"\\//;
    my $copy = $value;
    return '' if !utf8::decode($copy) || $copy =~ tr/\x{d800}-\x{dfff}\x{110000}-\x{7fffffff}//;    # no UTF-8
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

__END__
# Cuts long texts of results in a line that is longer than the number in the file: to a quarter of it, and those that
# are elements of arrays, such as the lines of a patch, to a few characters if that is not enough. Names and numbers stay,
# as does the number of lines of a content. hookmeter_recorder.py has the same rules.
my $max = open(MAX, '<', "$sessions_dir/.max-payload") ? <MAX> : 0;
for my $of_elements (0, 1) {
    last if $max < 1 << 14 || length $line <= $max;
    my ($depth, $top, $name, $shorter, $from) = (0, '', '', '', 0);
    while ($line =~ /["\[\]{}]/g) {
        my $start = $-[0];
        my $character = substr $line, $start, 1;
        $depth += $character =~ /[\[{]/ ? 1 : -1, next if $character ne '"';
        my ($end, $quoted) = $start;
        do {
            $end = index $line, '"', $end + 1;
            for ($quoted = $end; $quoted > 0 && substr($line, $quoted - 1, 1) eq '\\'; $quoted--) {}
        } while $end > 0 && ($end - $quoted) % 2;
        die if $end < 0;                                    # no JSON, which is recorded as it is
        pos $line = $end + 1;
        my $text = substr $line, $start + 1, $end - $start - 1;
        if ($line =~ /\G\s*:/gc) {
            $name = $text;
            $top = $text if $depth == 1;
            next;
        }
        next if $top ne 'tool_response' && $top ne 'tool_calls';
        next if $of_elements && substr($line, $start - 1, 1) !~ /[\[,]/;
        my $cut = shortened($text, $of_elements ? 16 : $max >> 2, $name eq 'content');
        next if length $cut >= length $text;
        $shorter .= substr($line, $from, $start + 1 - $from) . $cut;
        $from = $end;
    }
    $line = $shorter . substr $line, $from;
}

sub shortened {
    my ($text, $kept, $with_lines) = @_;
    return $text if length $text <= $kept;
    my ($start) = substr($text, 0, $kept) =~ /\A((?:[^\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+)/;
    # half a character
    $start =~ s/[\xc0-\xff][\x80-\xbf]{0,2}\z|(?<!\\)(?:\\\\)*\K\\u[dD][89abAB][0-9a-fA-F]{2}\z//;
    my $rest = substr $text, length $start;
    my $cut = sprintf '%s...[%d bytes cut]', $start, length $rest;
    return $cut unless $with_lines;
    my $lines = grep /\A\\(?:n|u000[aA])\z/, $rest =~ /\\(?:u[0-9a-fA-F]{4}|.)/gs;
    my $is_ended = $rest =~ /(?<!\\)(?:\\\\)*\\(?:n|u000[aA])\z/;
    return $cut . '\n' x $lines . ($lines && !$is_ended ? '...' : '');
}
