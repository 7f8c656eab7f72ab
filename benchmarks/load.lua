-- Posts batches of alerts as fast as the server answers: four of five known, one of five new.
-- Arguments: the shape (webhook or api), alerts in a batch, a word that makes this run's alerts its own.
local shape, per_batch, run = "webhook", 50, "r"
local pool_size, at, fresh = 2000, 0, 0
local head, tail, known

local function alert(name, instance)
  local labels = string.format(
    '{"alertname":"Bench%s","cluster":"bench","instance":"%s","job":"inference-gateway","severity":"warning","team":"ml-platform","model":"llama-guard-%s"}',
    name, instance, name)
  local annotations = '{"summary":"The queue of this endpoint is longer than it should be","description":"More than 200 requests have waited for 5 minutes; callers see timeouts.","runbook_url":"https://runbooks.example/queue"}'
  if shape == "api" then
    return '{"labels":' .. labels .. ',"annotations":' .. annotations .. ',"generatorURL":"http://prometheus.example/graph?g0.expr=up"}'
  end
  return '{"status":"firing","labels":' .. labels .. ',"annotations":' .. annotations ..
    ',"startsAt":"2026-11-22T22:01:14.682Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.example/graph?g0.expr=up","fingerprint":"' .. instance .. '"}'
end

function init(args)
  shape, per_batch, run = args[1] or shape, tonumber(args[2] or "50"), args[3] or run
  known = {}
  for i = 1, pool_size do known[i] = alert(i % 20, string.format("%s%012x", run, i)) end
  if shape == "api" then head, tail = "[", "]" else
    head = '{"receiver":"bench","status":"firing","alerts":['
    tail = '],"groupLabels":{"alertname":"Bench"},"commonLabels":{"cluster":"bench"},"commonAnnotations":{},"externalURL":"http://am.example","version":"4","groupKey":"{}:{}","truncatedAlerts":0}'
  end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  local parts, n = {}, 0
  local new = math.floor(per_batch / 5)
  if per_batch < 5 then at = at + 1; if at % 5 == 0 then new = per_batch end end
  for i = 1, per_batch do
    n = n + 1
    if i <= new then
      fresh = fresh + 1
      parts[n] = alert(fresh % 20, string.format("%sf%011x", run, fresh))
    else
      at = at + 1
      parts[n] = known[at % pool_size + 1]
    end
  end
  return wrk.format(nil, nil, nil, head .. table.concat(parts, ",") .. tail)
end

function done(summary, latency, requests)
  io.write(string.format("FIGURES %d %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
