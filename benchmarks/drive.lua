-- What wrk asks. Arguments: a name for this run, the first and the last user, then a method, a path and a body for
-- each step; {run}, {n} and {user} are filled in. Steps are asked in turn, each with a number of its own; a later step
-- speaks of the number LAG turns ago, which has been answered by then.

local LAG = 400
local run, first, last
local steps, asked = {}, 0

function init(args)
    run, first, last = args[1], tonumber(args[2]), tonumber(args[3])
    for i = 4, #args, 3 do
        local body = args[i + 2]
        steps[#steps + 1] = { method = args[i], path = args[i + 1], body = body ~= "" and body or nil }
    end
    math.randomseed(os.time())
end

function request()
    local turn, number = math.floor(asked / #steps), asked % #steps + 1
    asked = asked + 1
    if number > 1 and turn >= LAG then
        turn = turn - LAG
    elseif number > 1 then -- nothing to speak of yet: the first step once more
        turn, number = turn + 2 ^ 31, 1
    end
    local user = string.format("%d", math.random(first, last))
    local words = { run = run, n = string.format("%08x", turn), user = user }
    local step = steps[number]
    wrk.headers["X-User-Id"] = user
    local path, body = step.path:gsub("{(%w+)}", words), step.body and step.body:gsub("{(%w+)}", words)
    return wrk.format(step.method, path, nil, body)
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50_ms": %f, "p99_ms": %f}\n',
        summary.requests, summary.duration / 1e6, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
