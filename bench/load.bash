# shellcheck shell=bash disable=SC2034,SC2154
# Load from wrk, and what came of it.

unset BENCH_CHECK

# Warms up, looking at each answer, and then measures: fills `rate`, `p50_ms`, `p99_ms`, `late`. One line of probes is one owner.
load() { # HOUSE WAY LINES ITEMS
  BENCH_CHECK=1 drive "$warm_up" "$@"
  drive "$seconds" "$@"
  [ "${late:-0}" -eq 0 ] || row "$1, $2: answers that took over 2 s" "$late" '' at-most 0
}

drive() { # SECONDS HOUSE WAY LINES ITEMS
  local lasts=$1 house=$2
  shift 2
  wrk -t "$threads" -c "$connections" -d "${lasts}s" -s bench/wrk/tasks.lua \
    "http://127.0.0.1:${ports[$house]}" -- "$1" "$work/$house/probes" "$2" "$3" >"$work/load" ||
    die "wrk failed: $(tail -3 "$work/load")"
  outcome "$house, $1" <"$work/load"
}

# Reads the line `result …` that every program of ours ends with.
outcome() { # WHAT
  local word requests micros p50 p99 failures
  while read -r word requests micros p50 p99 failures late; do [ "$word" != result ] || break; done
  [ "$word" = result ] || die "$1: nothing was measured"
  [ "${failures:-0}" -eq 0 ] || die "$1: $failures of $requests answers were not what was asked for"
  rate=$(awk "BEGIN { printf \"%d\", $requests * 1e6 / $micros }")
  p50_ms=$(awk "BEGIN { printf \"%.2f\", $p50 / 1000 }")
  p99_ms=$(awk "BEGIN { printf \"%.2f\", $p99 / 1000 }")
}
