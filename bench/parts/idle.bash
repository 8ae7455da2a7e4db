# shellcheck shell=bash disable=SC2034,SC2154
# Streams and web sockets that say nothing: private memory each. They are opened through a house that was given few
# descriptors, as a person's shell gives: it must ask for those it may have.

# Both ends of each web socket are the gateway's.
most=$((($(ulimit -Hn) - 200) / 2))
idle=$((most < 10000 ? most : 10000))

weigh() { # HOUSE PATH events|socket
  local before after ready=''
  before=$(awk '/^RssAnon:/ { print $2 }' "/proc/${pids[$1]}/status")
  coproc holder { exec "$built/examples/bench_idle" hold "127.0.0.1:${ports[$1]}" "$2" "$work/idle/probes" "$3" "$idle"; }
  read -r -t 120 ready <&"${holder[0]}" || true
  [ "$ready" = ready ] || die "$idle of $3 could not be opened"
  sleep 2
  after=$(awk '/^RssAnon:/ { print $2 }' "/proc/${pids[$1]}/status")
  row "$idle idle, $3: private memory each" "$(awk "BEGIN { printf \"%.1f\", ($after - $before) / $idle }")" ' KiB' at-most 16
  kill "$holder_PID"
  wait "$holder_PID" 2>/dev/null || true
}

house_make idle 200 0 200
ulimit -Sn 1024
house_start idle
ulimit -Sn "$(ulimit -Hn)"
weigh idle /api/v1/tasks/events events

mkdir -p "$work/sockets/data"
cp -r "$work/idle/data/keys" "$work/sockets/data"
service_port=$(free_port)
"$built/examples/bench_idle" agree "127.0.0.1:$service_port" 2>>"$work/idle/log" &
pids[agreeing]=$!
roles[sockets]='gateway identity' settings[sockets]="DAYBOOK_TASKS_URL=http://127.0.0.1:$service_port"
ulimit -Sn 1024
house_start sockets
ulimit -Sn "$(ulimit -Hn)"
weigh sockets /api/v1/tasks/events socket
house_remove sockets
house_remove idle
kill "${pids[agreeing]}"
unset 'pids[agreeing]'
