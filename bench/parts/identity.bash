# shellcheck shell=bash disable=SC2154
# Signing in beside bare hashing, renewing sessions, and checking tokens.

sessions() { # WAY SECONDS
  wrk -t 1 -c "$connections" -d "$2s" -s bench/wrk/sessions.lua --timeout 10s \
    "http://127.0.0.1:${ports[identity]}" -- "$1" "$work/identity/tokens" >"$work/load" ||
    die "wrk failed: $(tail -3 "$work/load")"
  outcome "$1" <"$work/load"
}

tool() { (within identity examples/bench_identity "$@"); }

mkdir -p "$work/identity"
house_start identity
url="http://127.0.0.1:${ports[identity]}"
tool people "$url" 256 >"$work/identity/tokens"

# In turns, so that both meet the same moods of the machine; the best of each.
bare=0 logins=0
for _ in 1 2 3; do
  tool hash "$(nproc)" "$seconds" >"$work/load"
  outcome "bare hashing" <"$work/load"
  bare=$(larger "$bare" "$rate")
  sessions login "$seconds"
  logins=$(larger "$logins" "$rate")
done
row "argon2id in a bare loop on every core" "$bare" /s
row "log-in (p99 $p99_ms ms)" "$logins" /s
row "log-in ÷ bare hashing" "$(ratio "$logins" "$bare")" ' ×' at-least 0.95

tool pace "$url" 500 "$seconds" >"$work/load"
outcome "a quiet client" <"$work/load"
idle_p99=$p99_ms
rows_of_load "a cheap request, 500/s, in an idle house"
sessions login $((seconds + 2)) >/dev/null &
signing_in=$!
sleep 1
tool pace "$url" 500 "$seconds" >"$work/paced"
wait "$signing_in"
outcome "a client beside log-ins" <"$work/paced"
rows_of_load "the same beside 64 that log in"
row "cheap requests beside log-ins, p99 ÷ idle p99" "$(ratio "$p99_ms" "$idle_p99")" ' ×' at-most 5

sessions refresh "$seconds"
rows_of_load "durable refresh" at-least 6000

read -r _ cold remembered < <(tool check 3)
row "a token check, never seen before" "$cold" ' µs'
row "a token check, remembered" "$remembered" ' µs'
house_remove identity
