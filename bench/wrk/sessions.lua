-- Signs in, or renews sessions:   wrk … -s sessions.lua URL -- login|refresh TOKENS
--
-- TOKENS is a file of refresh tokens, one a line and more than there are connections: each is used once, and the one that
-- the answer brings takes its place; the next run goes on with those that this one has left. Prints the line of outcome.lua.

dofile("bench/wrk/outcome.lua")
local tokens, first, last, way = {}, 1, 0, ""

local headers = { ["Content-Type"] = "application/json" }
local credentials = '{"email":"bench@example.org","password":"correct horse battery"}'

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
    complain("%d: %s", status, body:sub(1, 300))
    return
  end
  last = last + 1
  tokens[last] = token
end
