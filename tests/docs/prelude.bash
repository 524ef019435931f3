# What the commands of a block run after: `serve` starts a program and returns once it is ready.
set -euo pipefail
servers=()
exec < <(yes "$PASSWORD") # what programs ask for; each reads as much as it likes

end_servers() {
  ((${#servers[@]} > 0)) || return 0
  kill "${servers[@]}" 2>/dev/null || true
  wait "${servers[@]}" 2>/dev/null || true
}
trap end_servers EXIT

# serve COMMAND TEXT...: fails if the program ends before it has printed all texts.
serve() {
  local output line
  exec {output}< <(eval "exec env $1" 2>&1)
  servers+=($!)
  shift
  while (($# > 0)) && IFS= read -r line <&"$output"; do
    printf '%s\n' "$line"
    local text missing=()
    for text; do [[ $line == *"$text"* ]] || missing+=("$text"); done
    set -- "${missing[@]}"
  done
  (($# == 0))
}
