# shellcheck shell=bash disable=SC2154
# What was measured, beside its bar.

rows=() missed=0

# row FIGURE VALUE UNIT [at-least|at-most BAR]
row() {
  local bar='' verdict=''
  if [ $# -gt 3 ]; then
    bar="$([ "$4" = at-least ] && echo '≥' || echo '≤') $5$3" verdict=ok
    is_met "$2" "$4" "$5" || { verdict=MISSED; missed=$((missed + 1)); }
  fi
  rows+=("$1"$'\t'"$2$3"$'\t'"$bar"$'\t'"$verdict")
  echo "bench:   $1: $2$3 $verdict" >&2
}

is_met() {
  case $2 in
    at-least) awk "BEGIN { exit !($1 >= $3) }" ;;
    at-most) awk "BEGIN { exit !($1 <= $3) }" ;;
  esac
}

# The figures of a load that was just measured.
rows_of_load() { # FIGURE [at-least BAR [P99-BAR]]
  row "$1" "$rate" /s "${@:2:2}"
  row "$1, p99 (p50 $p50_ms ms)" "$p99_ms" ' ms' ${4:+at-most "$4"}
}

# What answered nothing at all is a thousand times slower, or more.
ratio() { awk -v one="$1" -v other="$2" 'BEGIN { printf "%.2f", (other > 0 ? one / other : 1000) }'; }

larger() { awk -v one="$1" -v other="$2" 'BEGIN { print (one > other ? one : other) }'; }

table() {
  local sync_us
  sync_us=$(LC_ALL=C dd if=/dev/zero of="$work/sync" bs=4k count=2000 oflag=dsync 2>&1 |
    awk -F ', ' 'END { sub(/ s$/, "", $3); printf "%d", $3 * 1e6 / 2000 }')
  {
    printf 'figure\tmeasured\tbar\tverdict\n'
    printf '%s\n' "${rows[@]}"
  } | awk -F '\t' '{ printf "%-72s %12s  %-12s %s\n", $1, $2, $3, $4 }'
  echo
  echo "$(nproc) cores ($(sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo)), house and load generator on the same, load $load_before before;" \
    "$(wrk -v 2>&1 | awk 'NR == 1 { print $1, $2 }'), $threads of its threads, $connections connections, closed loop;" \
    "$seconds s after $warm_up s of warm-up;" \
    "synchronous=FULL on $(df --output=fstype "$work" | tail -1), where a bare write of 4 KiB and its sync take $sync_us µs;" \
    "log at level info, to a file; only 2xx counted"
  [ "$missed" -eq 0 ] || { echo "bench: $missed missed" >&2; exit 1; }
}
