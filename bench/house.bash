# shellcheck shell=bash disable=SC2034,SC2154
# Houses by name: each has a folder of its own in $work, and runs the release build as anybody would.

# What it runs with: its database, its roles (all when none is named), further settings.
declare -A pids=() ports=() urls=() roles=() settings=()

# Runs a program of the build in the house's folder, with its settings and none of the caller's. Call it in ( ).
within() { # NAME PROGRAM ARGUMENT…
  local name=$1 program=$2
  shift 2
  cd "$work/$name" || exit
  # shellcheck disable=SC2086 # settings are words
  exec env -i PATH="$PATH" DAYBOOK_DATA_DIR=data DAYBOOK_DATABASE_URL="${urls[$name]:-}" ${settings[$name]:-} \
    DAYBOOK_RATES_ENABLED=no DAYBOOK_LISTEN="127.0.0.1:${ports[$name]:-0}" DAYBOOK_SYSTEM_LISTEN=127.0.0.1:0 "$built/$program" "$@"
}

# A house with so many people and tasks, and the probes to ask for them with.
house_make() { # NAME OWNERS TASKS PROBES
  local begun=$SECONDS
  mkdir -p "$work/$1"
  (within "$1" daybook migrate) >>"$work/$1/log"
  (within "$1" examples/bench_seed "$2" "$3" "$4") >"$work/$1/probes"
  echo "bench: $1: $2 owners, $3 tasks, made in $((SECONDS - begun)) s" >&2
}

# Below the range of ports that the kernel gives to outgoing connections.
free_port() {
  local port
  until port=$((20000 + RANDOM % 12000)) && ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}

# Starts it and waits for its first answer; fills `started_ms` with how long that took.
house_start() { # NAME
  local name=$1 begun end
  ports[$name]=${ports[$name]:-$(free_port)}
  begun=${EPOCHREALTIME/./}
  # shellcheck disable=SC2086 # roles are words
  (within "$name" daybook serve ${roles[$name]:-}) >>"$work/$name/log" 2>&1 &
  pids[$name]=$!
  until house_answers "$name"; do
    kill -0 "${pids[$name]}" 2>/dev/null || { tail -5 "$work/$name/log" >&2; die "$name does not start"; }
    end=${EPOCHREALTIME/./}
    [ $((end - begun)) -lt 30000000 ] || die "$name does not answer"
  done
  end=${EPOCHREALTIME/./}
  started_ms=$(awk "BEGIN { printf \"%.1f\", ($end - $begun) / 1000 }")
}

house_answers() { # NAME
  local line=''
  { exec 3<>"/dev/tcp/127.0.0.1/${ports[$1]}"; } 2>/dev/null || return 1
  printf 'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n' >&3
  read -r -t 5 line <&3 || true
  exec 3>&-
  [[ $line == 'HTTP/1.1 200 '* ]]
}

# Its private memory in MiB.
house_memory() { awk '/^RssAnon:/ { printf "%.1f", $2 / 1024 }' "/proc/${pids[$1]}/status"; }

house_stop() { # NAME
  local pid=${pids[$1]}
  unset "pids[$1]"
  kill -TERM "$pid"
  wait "$pid" || die "$1 did not end well: $(tail -3 "$work/$1/log")"
}

# However they are: this is the way out when something went wrong.
houses_stop() {
  local pid
  for pid in "${pids[@]}"; do
    kill -TERM "$pid" && wait "$pid"
  done 2>/dev/null
}

# Its rows are no longer needed, and may be many.
house_remove() { house_stop "$1"; rm -rf "${work:?}/$1"; }
