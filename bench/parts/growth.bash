# shellcheck shell=bash disable=SC2034,SC2154
# Does a read cost the same when there is much more to read from? One task of 1,000 is completed, the oldest.

# The two sizes take turns, way by way, so that what else the machine does meets both.
growth() { # SHAPE SMALL-OWNERS LARGE-OWNERS COMPLETED
  # A house that was just started meets most pages of a large file for the first time, which is not what is asked here.
  local shape=$1 way small items warm_up=5
  house_make small "$2" 10000 20000
  house_make large "$3" "$large" 20000
  house_start small
  house_start large
  for way in list completed deep point; do
    case $way in list | deep) items=50 ;; completed) items=$4 ;; point) items=1 ;; esac
    load small "$way" 20000 "$items"
    small=$rate
    load large "$way" 20000 "$items"
    row "$way, $shape: 10 k → $((large / 1000000)) M rows ($small → $rate/s), slower" \
      "$(ratio "$small" "$rate")" ' ×' at-most 1.3
  done
  house_remove small
  house_remove large
}

growth "1,000 an owner" 10 $((large / 1000)) 1
growth "one owner" 1 1 10
