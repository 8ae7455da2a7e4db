-- Talks:   wrk … -s messages.lua URL -- PROBES WAY [ARGUMENT…]
--
-- PROBES is what bench_seed printed, a person a line; each two of them have a chat. WAY is one of
--   send                 everybody writes to their pal, in turns
--   page OFFSET          the first one reads 50 messages, so many messages ago
--   received SINCE TO    the first one asks how many messages came to them, one second further on each time
-- With BENCH_CHECK set each answer is looked at. Prints the line of outcome.lua.

dofile("bench/wrk/outcome.lua")
local people, at, way, first, second = {}, 0, "", 0, 0

-- The ids of bench_seed.
local function id(nth) return (math.floor(nth / 128) + 1) * 4096 + nth % 128 end

local function pal(nth) return string.format("%d", id(nth % 2 == 0 and nth + 1 or nth - 1)) end

function init(args)
  way, first, second = args[2], tonumber(args[3] or 0), tonumber(args[4] or 0)
  for line in io.lines(args[1]) do
    local headers = { Authorization = "Bearer " .. line:match("^%S+") }
    if way == "send" then
      headers["Content-Type"] = "application/json"
      local body = '{"pal_id":' .. pal(#people) .. ',"message":"Shall we meet at the station at half past six?"}'
      table.insert(people, wrk.format("POST", "/send", headers, body))
    else
      table.insert(people, headers)
      break
    end
  end
end

function request()
  if way == "send" then
    at = at % #people + 1
    return people[at]
  end
  if way == "page" then
    return wrk.format("GET", "/chat?pal_id=" .. pal(0) .. "&limit=50&offset=" .. string.format("%d", first), people[1])
  end
  at = at % 500 + 1
  local range = string.format("since=%d&to=%d", first + at, second)
  return wrk.format("GET", "/MessagesReceivedByUser?" .. range, people[1])
end

-- wrk looks for this function before it starts, and does much work for each answer when it is there.
if os.getenv("BENCH_CHECK") then
  function response(status, _, body)
    local _, found = body:gsub('"created_at":', "")
    local wanted = way == "page" and 50 or way == "send" and 1 or 0
    if status < 200 or status > 299 or found ~= wanted or body:find('"messages":0,') then
      complain("%d with %d messages: %s", status, found, body:sub(1, 300))
    end
  end
end
