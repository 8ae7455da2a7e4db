# shellcheck shell=bash disable=SC2154

server mariadb mariadb-server mysql TERM

mariadb_installed() {
  command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && command -v mariadb >/dev/null
}
mariadb_init() {
  cat >"$1/accounts.sql" <<'SQL'
create database if not exists test;
create user if not exists test@127.0.0.1 identified by 'test';
grant all on `test%`.* to test@127.0.0.1;
SQL
  "${as[@]}" mariadb-install-db --no-defaults --datadir="$1/data" --skip-test-db --skip-name-resolve
}
mariadb_start() {
  # The socket's name is relative (to the data), because a socket's whole path may have no more than 107 bytes.
  launch mariadb "$(command -v mariadbd)" --no-defaults --datadir="$1/data" --bind-address=127.0.0.1 --port="$2" \
    --socket=mariadb.sock --pid-file="$1/work/mariadbd.pid" --tmpdir="$1/work" --init-file="$1/accounts.sql" \
    --skip-name-resolve --skip-log-bin --character-set-server=utf8mb4 --max-connections=300
}
mariadb_answers() {
  local folder
  folder=$(env -i PATH="$PATH" MYSQL_PWD=test timeout 5 mariadb --no-defaults --protocol=tcp -h 127.0.0.1 -P "$2" \
    -u test --connect-timeout=3 -N -B -r -e 'select @@datadir' test 2>/dev/null </dev/null) && [ "$folder" = "$1/data/" ]
}
mariadb_env() { echo "DAYBOOK_TEST_MARIADB=mysql://test:test@127.0.0.1:$1/test"; }
