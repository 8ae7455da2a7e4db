# shellcheck shell=bash disable=SC2034,SC2154
# The gateway before a service of its own, beside nginx as a plain proxy before the same one; and in one process with it.

readonly rounds=3

# The same reads against this port, in turns with the others' so that the machine's moods are shared. Keeps the best rate.
point_at() { # NAME PORT
  ports[service-asked]=$2
  load service-asked point 2000 1
  best[$1]=$(larger "$rate" "${best[$1]:-0}") p99_of[$1]=$p99_ms
}

nginx_start() { # PORT UPSTREAM-PORT
  command -v nginx >/dev/null || scripts/install nginx-light || return 1
  mkdir -p "$work/nginx"
  cat >"$work/nginx/nginx.conf" <<CONF
daemon off;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
worker_processes $(nproc);
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $work/nginx/body; proxy_temp_path $work/nginx/proxy; fastcgi_temp_path $work/nginx/fastcgi;
  uwsgi_temp_path $work/nginx/uwsgi; scgi_temp_path $work/nginx/scgi;
  keepalive_requests 1000000;
  upstream service { server 127.0.0.1:$2; keepalive 128; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:$1;
    location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
CONF
  nginx -c "$work/nginx/nginx.conf" 2>>"$work/nginx/log" &
  pids[nginx]=$!
  for _ in {1..100}; do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.05; done
  die "nginx does not answer: $(tail -3 "$work/nginx/error.log")"
}

declare -A best=() p99_of=()
ports[service]=$(free_port) ports[door]=$(free_port)
house_make service 2000 100000 2000
ln -s service "$work/service-asked"
# The one serves the tasks, the other the people: they know each other by the keys, as anywhere.
roles[service]=tasks settings[service]="DAYBOOK_IDENTITY_URL=http://127.0.0.1:${ports[door]}"
cp -r "$work/service" "$work/door"
roles[door]='gateway identity' settings[door]="DAYBOOK_TASKS_URL=http://127.0.0.1:${ports[service]}"
house_start door
house_start service
nginx_port=$(free_port)
nginx_start "$nginx_port" "${ports[service]}" || row "nginx" "not to be had" ''

for ((round = 0; round < rounds; round++)); do
  [ -z "${pids[nginx]:-}" ] || point_at nginx "$nginx_port"
  point_at door "${ports[door]}"
  point_at alone "${ports[service]}"
done
row "point read from the service itself" "${best[alone]}" /s
row "the same through nginx (p99 ${p99_of[nginx]:-} ms)" "${best[nginx]:-0}" /s
row "the same through the gateway (p99 ${p99_of[door]} ms)" "${best[door]}" /s
[ -z "${best[nginx]:-}" ] || row "gateway ÷ nginx" "$(ratio "${best[door]}" "${best[nginx]}")" ' ×' at-least 0.9

ports[service-asked]=${ports[door]}
load service-asked home 2000 10
rows_of_load "home, of people here and tasks elsewhere"
home=$rate
row "home ÷ a point read through the gateway" "$(ratio "$rate" "${best[door]}")" ' ×' at-least 0.4
load service-asked list 2000 50
row "home ÷ a list of 50 through the gateway" "$(ratio "$home" "$rate")" ' ×'

house_stop service
roles[whole]='' ports[whole]=$(free_port)
mv "$work/service" "$work/whole"
ln -sfn whole "$work/service-asked"
house_start whole
for ((round = 0; round < rounds; round++)); do point_at whole "${ports[whole]}"; done
row "the same in one process, with the gateway in it" "${best[whole]}" /s
row "gateway in process ÷ the service itself" "$(ratio "${best[whole]}" "${best[alone]}")" ' ×' at-least 0.85
unset "ports[service-asked]"
house_remove whole
house_remove door
[ -z "${pids[nginx]:-}" ] || house_stop nginx
