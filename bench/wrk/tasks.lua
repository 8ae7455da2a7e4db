-- Asks for tasks:   wrk … -s tasks.lua URL -- create|list|completed|deep|point|home|enqueue PROBES LINES ITEMS
--
-- PROBES is what bench_seed printed; the first LINES of it are used in rotation. With BENCH_CHECK set each answer is
-- looked at: its status must be 2xx, and it must hold ITEMS tasks. That costs wrk more than the requests do, and so it is
-- for the warm-up; the measured run counts what wrk itself tells apart, statuses from 400 up and broken connections.
-- Prints the line of outcome.lua.

dofile("bench/wrk/outcome.lua")
local requests, at, items = {}, 0, 0

local ways = {
  create = function(_) return "POST", "/api/v1/tasks" end,
  list = function(_) return "GET", "/api/v1/tasks" end,
  -- Ten, because that is how many there are in the smallest database: both sizes answer with the same number.
  completed = function(_) return "GET", "/api/v1/tasks?completed=true&limit=10" end,
  deep = function(id) return "GET", "/api/v1/tasks?cursor=" .. id end,
  home = function(_) return "GET", "/api/v1/home" end,
  enqueue = function(_) return "POST", "/api/v1/jobs" end,
  point = function(id) return "GET", "/api/v1/tasks/" .. id end,
}
local bodies = { create = '{"title":"%s"}', enqueue = '{"kind":"external","payload":{"what":"%s"}}' }
local titles = { "Buy milk and bread on the way home", "Call the school about Friday's trip", "Pay for the winter tyres" }

function init(args)
  local way, probes, lines = ways[args[1]], args[2], tonumber(args[3])
  items = tonumber(args[4])
  for line in io.lines(probes) do
    if #requests == lines then break end
    local token, id = line:match("^(%S+) (%d+)$")
    local method, path = way(id)
    local headers = { Authorization = "Bearer " .. token }
    local body
    if method == "POST" then
      headers["Content-Type"] = "application/json"
      body = string.format(bodies[args[1]], titles[#requests % #titles + 1])
    end
    table.insert(requests, wrk.format(method, path, headers, body))
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- wrk looks for this function before it starts, and does much work for each answer when it is there.
if os.getenv("BENCH_CHECK") then
  function response(status, _, body)
    local _, found = body:gsub('"title":', "")
    if status < 200 or status > 299 or found ~= items then
      complain("%d with %d tasks: %s", status, found, body:sub(1, 300))
    end
  end
end
