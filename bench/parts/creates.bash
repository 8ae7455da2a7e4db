# shellcheck shell=bash disable=SC2154
# Durable creates over HTTP, each with its fact, on the embedded engine.

house_make creates-one 1 0 1
house_start creates-one
load creates-one create 1 1
rows_of_load "create, one owner" at-least 30000 30
house_remove creates-one

house_make creates-many 2000 0 2000
house_start creates-many
load creates-many create 2000 1
rows_of_load "create, 2,000 owners" at-least 20000 30
house_remove creates-many
