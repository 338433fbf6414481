-- The requests of bench/load/wrk.ts. Arguments: put or get, the bytes of a value, the number of keys.
local requests = {}
local keys = 0
local sent = 0

function init(arguments)
  local value = string.rep("x", tonumber(arguments[2]))
  keys = tonumber(arguments[3])
  for n = 0, keys - 1 do
    local key = "key-" .. n
    if arguments[1] == "put" then
      local body = '{"key":"' .. key .. '","value":"' .. value .. '"}'
      requests[n] = wrk.format("POST", "/kvstore/put", { ["content-type"] = "application/json" }, body)
    else
      requests[n] = wrk.format("GET", "/kvstore/get/" .. key)
    end
  end
end

function request()
  sent = sent + 1
  return requests[sent % keys]
end

-- Times are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(
    string.format(
      'WRK {"count":%d,"us":%d,"failed":%d,"p50":%d,"p95":%d,"p99":%d,"p999":%d,"max":%d}\n',
      summary.requests,
      summary.duration,
      failed,
      latency:percentile(50),
      latency:percentile(95),
      latency:percentile(99),
      latency:percentile(99.9),
      latency.max
    )
  )
end
