# shellcheck shell=bash disable=SC2154
# The same creates without HTTP, 64 writers at once: what commits in groups are worth beside a commit a row.

commits() { # NAME AT-ONCE
  mkdir -p "$work/$1"
  (within "$1" daybook migrate) >>"$work/$1/log"
  (within "$1" examples/bench_commits "$2" "$seconds") >"$work/load"
  outcome "$1" <"$work/load"
  rm -rf "${work:?}/$1"
}

commits a-commit-a-row 1
rows_of_load "create without HTTP, a commit a row"
alone=$rate
commits grouped "$connections"
rows_of_load "create without HTTP, commits in groups"
row "create without HTTP, groups ÷ a commit a row" "$(ratio "$rate" "$alone")" ' ×'
