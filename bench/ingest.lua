-- What a source sends: INGEST_ITEMS facts a request, under the token in INGEST_TOKEN. With INGEST_SAME every request is the
-- same one. Ids are of a thread and a run, so that nobody sends another's.
local items = tonumber(os.getenv("INGEST_ITEMS"))
local same = os.getenv("INGEST_SAME") ~= nil
local run = os.getenv("INGEST_RUN")
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init()
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Prefer"] = "return=minimal"
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("INGEST_TOKEN")
    counter = 0
end

local function body()
    local list = {}
    for item = 1, items do
        counter = counter + 1
        local minute = counter % 60
        list[item] = string.format(
            '{"id":"%s-%d-%d","window":"W%03d","staff":"%06d","item":"S%03d","channel":"window","client":"138%08d",'
                .. '"ticketed_at":"2026-03-05T09:%02d:00","called_at":"2026-03-05T09:%02d:30",'
                .. '"accepted_at":"2026-03-05T09:%02d:40","finished_at":"2026-03-05T10:%02d:00","asked":true}',
            run, number, counter, counter % 120, counter % 360, counter % 40, counter % 99999999, minute, minute, minute, minute)
    end
    return "[" .. table.concat(list, ",") .. "]"
end

local kept
function request()
    if same then
        kept = kept or wrk.format(nil, nil, nil, body())
        return kept
    end
    return wrk.format(nil, nil, nil, body())
end

function done(summary, latency)
    io.write(string.format('{"requests": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f, "errors": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.connect + summary.errors.timeout))
end
