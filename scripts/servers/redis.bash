# shellcheck shell=bash disable=SC2154

server redis redis-server redis TERM

redis_installed() { command -v redis-server >/dev/null && command -v redis-cli >/dev/null; }
redis_init() { :; } # it makes what it needs when it starts
redis_start() {
  # Nothing is written to disk: what is kept here may go at any moment, and that is what is tested.
  launch redis "$(command -v redis-server)" --bind 127.0.0.1 --port "$2" --unixsocket '' --daemonize no \
    --dir "$1/data" --save '' --appendonly no --requirepass test
}
redis_answers() {
  local folder
  folder=$(env -i PATH="$PATH" REDISCLI_AUTH=test timeout 5 redis-cli -h 127.0.0.1 -p "$2" --raw config get dir \
    2>/dev/null </dev/null | tail -1) && [ "$folder" = "$1/data" ]
}
redis_env() { echo "DAYBOOK_TEST_REDIS=redis://:test@127.0.0.1:$1/0"; }
