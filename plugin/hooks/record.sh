# Sourced by the plugin's hooks, with $event and the path of this $file: records the payload on stdin. It never fails,
# starts no process but the recorder, and only with an interpreter of the system, whatever PATH is in a project.

# As `hookmeter` finds them, too: the directories of XDG, or those of macOS.
state=${HOME-}/.local/state
[ -d /System/Library ] && state="$HOME/Library/Application Support"
case ${XDG_STATE_HOME-} in /*) state=$XDG_STATE_HOME ;; esac
sessions=$state/hookmeter/sessions
case ${HOOKMETER_SESSIONS_DIR-} in /*) sessions=${HOOKMETER_SESSIONS_DIR%%:*} ;; esac
[ "$sessions" = /.local/state/hookmeter/sessions ] && return    # there is no home

# Recorders that settings run next to this one look for the file; each event is recorded by one of both.
[ -e "$sessions/.plugin" ] || (umask 077 && /bin/mkdir -p "$sessions" && : >"$sessions/.plugin") 2>/dev/null

# The number of the system call gettimeofday, by the dynamic linker; the recorder checks what it gives.
clock=''
[ -d /System/Library ] && clock=116
[ -e /lib/ld-linux-aarch64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ] && clock=169
[ -e /lib/ld-linux-riscv64-lp64d.so.1 ] && clock=169
[ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-musl-x86_64.so.1 ] && clock=96

export LC_ALL=C PERL5OPT=
recorder=${file%/*}/hookmeter_recorder
places='/usr/bin /usr/local/bin /opt/homebrew/bin /run/current-system/sw/bin'
for bin in $places; do
    [ -x "$bin/perl" ] && exec "$bin/perl" -C0 "$recorder.pl" "$sessions" "$event" "$clock" plugin >/dev/null 2>&1
done
for bin in $places; do
    [ -x "$bin/python3" ] && exec "$bin/python3" -I -S "$recorder.py" "$sessions" "$event" '' plugin >/dev/null 2>&1
done
