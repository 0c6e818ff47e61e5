-- Sends the requests of a file in turn: one a line, method, path, retry key and body between tabs.
-- REQUESTS is the file, TOKEN the bearer token, ONCE says to stop at the end instead of beginning
-- anew.  Prints one line "RESULT {json}".
local ready, nth = {}, 0

function init()
  for line in io.lines(os.getenv("REQUESTS")) do
    local method, path, key, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = { ["Host"] = wrk.host, ["Accept"] = "application/json" }
    if os.getenv("TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
    if key:sub(1, 2) == "W/" or key:sub(1, 1) == '"' then headers["If-None-Match"] = key
    elseif key ~= "" then headers["Idempotency-Key"] = key end
    if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
    ready[#ready + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  nth = nth + 1
  if nth > #ready then
    if os.getenv("ONCE") then wrk.thread:stop() end
    nth = 1
  end
  return ready[nth]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.4f,"p50_ms":%.3f,"p95_ms":%.3f,"bytes":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    summary.bytes, e.status + e.connect + e.read + e.write + e.timeout))
end
