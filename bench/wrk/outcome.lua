-- What the scripts beside it have in common: answers that are not what was asked for, and one line in the end:
--   result REQUESTS MICROSECONDS P50_MICROSECONDS P99_MICROSECONDS FAILURES LATE
-- LATE are answers that took over 2 seconds.

local threads = {}
wrong = 0

function setup(thread)
  table.insert(threads, thread)
end

-- Counts an answer as wrong; the first of a thread is told.
function complain(...)
  wrong = wrong + 1
  if wrong == 1 then io.stderr:write("bench: " .. string.format(...) .. "\n") end
end

function done(summary, latency, _)
  local e = summary.errors
  local failures = e.connect + e.read + e.write + e.status
  for _, thread in ipairs(threads) do failures = failures + thread:get("wrong") end
  io.write(string.format("result %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), failures, e.timeout))
end
