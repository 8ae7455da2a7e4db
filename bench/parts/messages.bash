# shellcheck shell=bash disable=SC2034,SC2154
# Messages sent over HTTP by 2,000 people in pairs, each followed until it is marked as processed; and whether reading them
# costs the same when there are many. BENCH_SECONDS=60 for the proof.

talk() { # WAY ARGUMENT…: like `load`
  local lasts
  for lasts in "$warm_up" "$seconds"; do
    BENCH_CHECK=$([ "$lasts" = "$seconds" ] || echo 1) talk_for "$lasts" "$@"
  done
  [ "${late:-0}" -eq 0 ] || row "$house, $1: answers that took over 2 s" "$late" '' at-most 0
}

talk_for() { # SECONDS WAY ARGUMENT…
  local lasts=$1
  shift
  [ -n "$BENCH_CHECK" ] || unset BENCH_CHECK
  wrk -t "$threads" -c "$connections" -d "${lasts}s" -s bench/wrk/messages.lua \
    "http://127.0.0.1:${ports[$house]}" -- "$work/$house/probes" "$@" >"$work/load" ||
    die "wrk failed: $(tail -3 "$work/load")"
  outcome "$house, $1" <"$work/load"
}

# Sends, waits until all of it is marked, and lets the house be looked through while it runs.
messages() { # HOUSE WHAT SENT-AND-PROCESSED-BAR
  local word marked lag_p50 lag_p99
  house=$1
  house_make "$1" 2000 0 2000
  house_start "$1"
  talk send
  rows_of_load "send, $2"
  read -r word _ marked lag_p50 lag_p99 < <(within "$1" examples/bench_messages marked "$seconds")
  [ "$word" = marked ] || die "$1: not all messages are marked"
  row "stored → marked, $2" "$marked" /s at-least "$3"
  row "time to the mark, $2, p99 (p50 $lag_p50 ms)" "$lag_p99" ' ms' at-most 500
  audited "$1" "$2"
}

# Ends a house and looks through what it leaves.
audited() { # HOUSE WHAT
  local verdict=0
  house_stop "$1"
  (within "$1" daybook check --messages) >"$work/$1/audit" 2>&1 || verdict=1
  [ "$verdict" -eq 0 ] || cat "$work/$1/audit" >&2
  row "audit, $2: $(sed -n 's/.*ok, \([0-9]* messages\).*/\1/p' "$work/$1/audit"), differences" "$verdict" '' at-most 0
  rm -rf "${work:?}/$1"
}

messages messages-table "embedded engine" 15000

# The same range and the same pages, with few messages and with many.
reads() { # HOUSE MESSAGES
  house=$1
  house_make "$1" 2 0 2
  (within "$1" examples/bench_messages seed "$2") >"$work/$1/range"
  read -r _ since to <"$work/$1/range"
  house_start "$1"
  talk received "$since" "$to"
  received=$rate
  talk page 0
  first_page=$rate
  talk page $(($2 - 50))
  last_page=$rate
  house_remove "$1"
}

reads few-messages 10000
few=$received
reads many-messages "$large"
row "statistics of a range: 10 k → $((large / 1000000)) M messages ($few → $received/s), slower" \
  "$(ratio "$few" "$received")" ' ×' at-most 1.3
row "/chat, first page → $((large / 1000000)) M messages ago ($first_page → $last_page/s), slower" \
  "$(ratio "$first_page" "$last_page")" ' ×' at-most 1.5

talk_on() { # NAME WHAT BAR SETTING…: on $database
  urls[$1]=${database:-}
  settings[$1]=${*:4}
  messages "$1" "$2" "$3"
}

# Where a server is, new and empty; nothing if it is not to be had.
server() { # NAME
  scripts/services down "$1" --wipe >&2 || true
  scripts/services install "$1" >&2 || true
  CI='' scripts/services up "$1" | sed -n "s/^DAYBOOK_TEST_${1^^}=//p" || true
}

# What a house keeps in memory while its broker is there, and while it is away under load: facts wait in the table. All that
# was said meanwhile is marked and counted in the end.
without_broker() { # HOUSE
  local idle there away word
  house=$1 settings[$1]="DAYBOOK_STREAM_MESSAGES=$kafka"
  house_make "$1" 2000 0 2000
  house_start "$1"
  sleep 5
  idle=$(house_memory "$1")
  talk send
  there=$(house_memory "$1")
  scripts/services kill kafka >&2
  BENCH_CHECK='' talk_for "$seconds" send
  away=$(house_memory "$1")
  row "RssAnon with Kafka, idle" "$idle" ' MiB' at-most 40
  row "the same under load, and with the broker away for $seconds s of it ($away MiB), larger" \
    "$(ratio "$away" "$there")" ' ×' at-most 1.3
  scripts/services up kafka >/dev/null
  read -r word _ < <(within "$1" examples/bench_messages marked "$seconds")
  [ "$word" = marked ] || die "$1: not all messages are marked"
  audited "$1" "the broker away"
}

postgres=$(server postgres)
kafka=$(server kafka)
if [ -n "$kafka" ]; then
  talk_on messages-kafka "embedded engine, Kafka" 10000 "DAYBOOK_STREAM_MESSAGES=$kafka"
  without_broker messages-away
else
  row "send, embedded engine, Kafka" "not to be had" ''
fi
if [ -n "$postgres" ]; then
  database=$postgres talk_on messages-postgres "PostgreSQL" 2500
else
  row "send, PostgreSQL" "not to be had" ''
fi
if [ -n "$postgres" ] && [ -n "$kafka" ]; then
  kafka=$(server kafka)
  database=$(server postgres) talk_on messages-postgres-kafka "PostgreSQL, Kafka" 2500 "DAYBOOK_STREAM_MESSAGES=$kafka"
fi
if [ -n "$postgres" ]; then scripts/services down postgres --wipe; fi

# No bar of its own was ever set for MariaDB: it is measured by that of PostgreSQL.
database=$(server mariadb)
if [ -n "$database" ]; then
  talk_on messages-mariadb "MariaDB" 2500
  kafka=$(server kafka)
  database=$(server mariadb)
  [ -z "$kafka" ] || talk_on messages-mariadb-kafka "MariaDB, Kafka" 2500 "DAYBOOK_STREAM_MESSAGES=$kafka"
else
  row "send, MariaDB" "not to be had" ''
fi
scripts/services down --wipe
