# shellcheck shell=bash disable=SC2034,SC2154
# Jobs put in the queue and worked, beside River on the same server, and with the topic that tells of them on Kafka; single
# ones over HTTP; and whether jobs that are over cost those that are not.

jobs=${BENCH_JOBS:-200000}

# Puts so many in and works them, then or along with that, beside some that are over; fills `put` and `worked`, and `came` with
# the percentage that was taken as the topic told of it, where it is on Kafka.
work_off() { # NAME JOBS OVER [along]
  mkdir -p "$work/$1"
  (within "$1" daybook migrate) >>"$work/$1/log"
  (within "$1" examples/bench_jobs "$2" 2000 "${@:3}") >"$work/load" || die "$1: jobs were not done"
  put=$(awk '$1 == "put" { printf "%d", $2 * 1e6 / $3 }' "$work/load")
  worked=$(awk '$1 == "worked" { printf "%d", $2 * 1e6 / $3 }' "$work/load")
  came=$(awk '$1 == "put" { all = $2 } $1 == "came" { printf "%.0f", 100 * $2 / all }' "$work/load")
  rm -rf "${work:?}/$1"
}

work_off jobs-embedded "$jobs" 0
row "jobs put in the queue, embedded engine" "$put" /s
row "jobs worked, embedded engine" "$worked" /s at-least 20000

work_off jobs-beside-few 50000 10000
few=$worked
work_off jobs-beside-many 50000 "$large"
row "jobs worked beside 10 k → $((large / 1000000)) M that are over ($few → $worked/s), slower" \
  "$(ratio "$few" "$worked")" ' ×' at-most 1.5

enqueue() { # NAME WHAT SETTING…
  house=$1
  settings[$1]=${*:3}
  house_make "$1" 2000 0 2000
  house_start "$1"
  load "$1" enqueue 2000 0
  rows_of_load "single jobs over HTTP, $2"
  house_remove "$1"
}

enqueue jobs-http "embedded engine"

fresh() { # SERVER: one that is new and empty
  scripts/services down "$1" --wipe >&2 || true
  scripts/services install "$1" >&2 || true
  CI='' scripts/services up "$1" | sed -n "s/^DAYBOOK_TEST_${1^^}=//p" || true
}

kafka=$(fresh kafka)
if [ -n "$kafka" ]; then
  enqueue jobs-http-kafka "embedded engine, Kafka" "DAYBOOK_STREAM_JOBS=$kafka"
else
  row "single jobs over HTTP, Kafka" "not to be had" ''
fi

mariadb=$(fresh mariadb)
if [ -n "$mariadb" ]; then
  urls[jobs-mariadb]=$mariadb
  work_off jobs-mariadb "$jobs" 0
  row "jobs worked, MariaDB (put in at $put/s)" "$worked" /s
fi

postgres=$(fresh postgres)
river=$work/river
if [ -z "$postgres" ]; then
  row "jobs worked, PostgreSQL" "not to be had" ''
elif ! (cd bench/river && go build -o "$river" .) >&2; then
  row "jobs worked, River" "not to be had" ''
else
  ours=0 theirs=0
  for _ in 1 2 3; do
    urls[jobs-postgres]=$(fresh postgres)
    work_off jobs-postgres "$jobs" 0
    ours=$(larger "$ours" "$worked")
    DATABASE_URL=$(fresh postgres) "$river" "$jobs" >"$work/load" || die "River did not get through"
    theirs=$(larger "$theirs" "$(awk '$1 == "worked" { printf "%d", $2 * 1e6 / $3 }' "$work/load")")
  done
  row "jobs worked, PostgreSQL, best of three in turns" "$ours" /s
  row "jobs worked, River on the same server, best of three in turns" "$theirs" /s
  row "jobs worked, PostgreSQL ÷ River" "$(ratio "$ours" "$theirs")" ' ×' at-least 1.5
fi

if [ -n "$postgres" ] && [ -n "$kafka" ]; then
  urls[jobs-along]=$(fresh postgres)
  work_off jobs-along "$jobs" 0 along
  row "jobs put in and worked along with that, PostgreSQL" "$worked" /s
  settings[jobs-along]=DAYBOOK_STREAM_JOBS=$kafka/along
  urls[jobs-along]=$(fresh postgres)
  work_off jobs-along "$jobs" 0 along
  row "jobs put in and worked along with that, PostgreSQL, Kafka ($came % by it)" "$worked" /s
  settings[jobs-before]=DAYBOOK_STREAM_JOBS=$kafka/before
  urls[jobs-before]=$(fresh postgres)
  work_off jobs-before "$jobs" 0
  row "jobs worked, PostgreSQL, Kafka ($came % by it, others by the table)" "$worked" /s
else
  row "jobs worked, PostgreSQL, Kafka" "not to be had" ''
fi
scripts/services down --wipe
