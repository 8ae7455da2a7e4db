# shellcheck shell=bash disable=SC2154
# Reads from 1 M tasks of 20,000 owners, 2,000 of them asking; what the house weighs before and after; how fast it starts.

house_make seeded 20000 1000000 20000
house_start seeded
sleep "$warm_up"
row "private memory (RssAnon), seeded, idle" "$(house_memory seeded)" ' MiB' at-most 40

load seeded list 20000 50
rows_of_load "list of 50 from 1 M tasks of 20,000 owners" at-least 15000
load seeded point 20000 1
rows_of_load "point read from 1 M tasks of 20,000 owners" at-least 40000
point=$rate
load seeded home 20000 10
rows_of_load "home of two services, ten of 1 M tasks shown"
row "home, beside a point read" "$(ratio "$rate" "$point")" ' ×'

sleep 10
row "private memory (RssAnon), 10 s after the reads" "$(house_memory seeded)" ' MiB' at-most 40

# Rows of 2,000 owners lie all over a large table, where those of an empty one lie close together.
load seeded create 20000 1
rows_of_load "create, 2,000 of 20,000 owners, beside 1 M tasks"

starts=()
for _ in 1 2 3 4 5; do
  house_stop seeded
  house_start seeded
  starts+=("$started_ms")
done
mapfile -t starts < <(printf '%s\n' "${starts[@]}" | sort -n)
row "start to first answer, existing folder, median of 5" "${starts[2]}" ' ms' at-most 100
row "start to first answer, existing folder, best of 5" "${starts[0]}" ' ms'
row "size of the program" "$(awk "BEGIN { printf \"%.1f\", $(stat -c %s "$built/daybook") / 1e6 }")" ' MB' at-most 40
house_remove seeded
