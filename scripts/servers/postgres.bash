# shellcheck shell=bash disable=SC2154

server postgres postgresql postgres INT

# Debian keeps these programs off the PATH, in one folder a version.
postgres_bin() {
  local initdb
  initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -1)
  [ -x "$initdb" ] || initdb=$(command -v initdb) || return 1
  dirname "$initdb"
}
postgres_installed() { postgres_bin >/dev/null; }
postgres_label() { stat -c 'services-%d-%i' "$1/data"; }
postgres_init() {
  local bin
  bin=$(postgres_bin)
  "${as[@]}" "$bin/initdb" -D "$1/data" -U postgres --auth-local=reject --auth-host=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 || return 1
  # Single-user mode needs no password, so the superuser never gets one: nobody can log in as it.
  printf '%s\n' "create role test login createdb password 'test'" "create database test owner test" |
    "${as[@]}" "$bin/postgres" --single -D "$1/data" postgres
}
postgres_start() {
  launch postgres "$(postgres_bin)/postgres" -D "$1/data" -c listen_addresses=127.0.0.1 -c port="$2" \
    -c unix_socket_directories= -c max_connections=300 -c cluster_name="$(postgres_label "$1")"
}
postgres_answers() {
  local label
  label=$(env -i PATH="$PATH" PGPASSWORD=test PGCONNECT_TIMEOUT=3 timeout 5 "$(postgres_bin)/psql" -h 127.0.0.1 -p "$2" \
    -U test -d test -XAtc 'show cluster_name' 2>/dev/null </dev/null) && [ "$label" = "$(postgres_label "$1")" ]
}
postgres_env() { echo "DAYBOOK_TEST_POSTGRES=postgres://test:test@127.0.0.1:$1/test"; }
