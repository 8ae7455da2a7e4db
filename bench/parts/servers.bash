# shellcheck shell=bash disable=SC2004,SC2154
# The same creates on database servers with their own defaults, on this machine as well.

servers_up() {
  scripts/services install postgres mariadb || true
  CI='' scripts/services up postgres mariadb >"$work/servers"
}

servers_up
for server in postgres mariadb; do
  key=DAYBOOK_TEST_${server^^}
  urls[$server]=$(sed -n "s/^$key=//p" "$work/servers")
  if [ -z "${urls[$server]}" ]; then
    row "create on $server" "not to be had" ''
    continue
  fi
  house_make "$server" 2000 0 2000
  house_start "$server"
  load "$server" create 1 1
  rows_of_load "create on $server, one owner"
  load "$server" create 2000 1
  rows_of_load "create on $server, 2,000 owners"
  house_remove "$server"
done
scripts/services down --wipe
