# shellcheck shell=bash disable=SC2154
# What connections weigh that say nothing: private memory each.

# Both ends of each web socket are the gateway's.
most=$((($(ulimit -Hn) - 200) / 2))
idle=$((most < 10000 ? most : 10000))

weigh() { # HOUSE HOUSE-OF-PROBES PATH events|socket
  local before after ready=''
  before=$(awk '/^RssAnon:/ { print $2 }' "/proc/${pids[$1]}/status")
  coproc holder { exec "$built/examples/bench_idle" hold "127.0.0.1:${ports[$1]}" "$3" "$work/$2/probes" "$4" "$idle"; }
  read -r -t 120 ready <&"${holder[0]}" || true
  [ "$ready" = ready ] || die "$idle of $4 could not be opened"
  sleep 2
  after=$(awk '/^RssAnon:/ { print $2 }' "/proc/${pids[$1]}/status")
  row "$idle idle, $4 of $3: private memory each" "$(awk "BEGIN { printf \"%.1f\", ($after - $before) / $idle }")" ' KiB' at-most 16
  kill "$holder_PID"
  wait "$holder_PID" 2>/dev/null || true
}
