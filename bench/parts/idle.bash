# shellcheck shell=bash disable=SC2034,SC2154
# Streams and web sockets that say nothing: private memory each. They are opened through a house that was given few
# descriptors, as a person's shell gives: it must ask for those it may have.

house_make idle 200 0 200
ulimit -Sn 1024
house_start idle
ulimit -Sn "$(ulimit -Hn)"
weigh idle idle /api/v1/tasks/events events

mkdir -p "$work/sockets/data"
cp -r "$work/idle/data/keys" "$work/sockets/data"
service_port=$(free_port)
"$built/examples/bench_idle" agree "127.0.0.1:$service_port" 2>>"$work/idle/log" &
pids[agreeing]=$!
roles[sockets]='gateway identity' settings[sockets]="DAYBOOK_TASKS_URL=http://127.0.0.1:$service_port"
ulimit -Sn 1024
house_start sockets
ulimit -Sn "$(ulimit -Hn)"
weigh sockets idle /api/v1/tasks/events socket
house_remove sockets
house_remove idle
kill "${pids[agreeing]}"
unset 'pids[agreeing]'
