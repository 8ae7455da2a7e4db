-- Signs in, or renews sessions:   wrk … -s sessions.lua URL -- login|refresh TOKENS
--
-- TOKENS is a file of refresh tokens, one a line and more than there are connections: each is used once, and the one that
-- the answer brings takes its place. Prints the same line as tasks.lua.

local threads = {}
local tokens, first, last, way = {}, 1, 0, ""
wrong = 0

local headers = { ["Content-Type"] = "application/json" }
local credentials = '{"email":"bench@example.org","password":"correct horse battery"}'

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  way = args[1]
  if way == "login" then return end
  for line in io.lines(args[2]) do
    last = last + 1
    tokens[last] = line
  end
end

function request()
  if way == "login" then return wrk.format("POST", "/auth/login", headers, credentials) end
  local token = tokens[first]
  tokens[first] = nil
  first = first + 1
  return wrk.format("POST", "/auth/refresh", headers, '{"refresh_token":"' .. token .. '"}')
end

function response(status, _, body)
  local token = body:match('"refresh_token":"([^"]+)"')
  if status ~= 200 or not token then
    wrong = wrong + 1
    if wrong == 1 then io.stderr:write(string.format("bench: %d: %s\n", status, body:sub(1, 300))) end
    return
  end
  last = last + 1
  tokens[last] = token
end

-- The next run goes on with the tokens that this one has left.
function done(summary, latency, _)
  local e = summary.errors
  local failures = e.connect + e.read + e.write + e.status
  for _, thread in ipairs(threads) do failures = failures + thread:get("wrong") end
  io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), failures, e.timeout))
end
