# shellcheck shell=bash disable=SC2034,SC2154
# What happens in chats, told live: deliveries to many sockets in one chat, and what a socket weighs that says nothing.

house_make live 200 0 200
house_start live
read -r rate p99_ms < <("$built/examples/bench_live" "127.0.0.1:${ports[live]}" "$work/live/probes" 1000 1000) ||
  die "nobody heard what was said"
row "1,000 messages to 1,000 sockets in one chat: deliveries (p99 $p99_ms ms)" "$rate" /s
house_stop live

# Each in a house of its own: what one frees, the next would be given for nothing.
for kind in socket events; do
  ulimit -Sn 1024
  house_start live
  ulimit -Sn "$(ulimit -Hn)"
  weigh live live "/api/v1/chats/$([ $kind = socket ] && echo live || echo events)" $kind
  house_stop live
done
rm -rf "$work/live"
