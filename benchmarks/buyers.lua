-- One buyer a thread, each on one connection: lines into the cart, quote, order with its payment, then a new buyer.
-- wrk gives every thread a state of its own, which a sequence of requests needs.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { long sec; long nsec; } daji_time;
int clock_gettime(int clock, daji_time *now);
]]
local MONOTONIC = 1
local time = ffi.new("daji_time")
local function now()
  ffi.C.clock_gettime(MONOTONIC, time)
  return tonumber(time.sec) + tonumber(time.nsec) / 1e9
end

local threads = {}
local skus, step, cookie, quote, began, origin, number, order_no = {}, 1, nil, nil, 0, "", 0, 0
local whole, lines, left, folder, seed, quoting = true, 2, -1, "", 1, ""
seconds, refused, first, last, paid = {}, {}, 0, 0, 0

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

function init(args)
  origin = "http://" .. wrk.host .. ":" .. wrk.port
  whole, lines, seed, left, folder = args[1] == "whole", tonumber(args[2]), tonumber(args[3]), tonumber(args[4]), args[5]
  number = _G.number
  for line in io.lines(folder .. "/skus") do skus[#skus + 1] = line end
  for line in io.lines(folder .. "/quote") do quoting = line end
  local buyers = tonumber(args[6])
  if left >= 0 then left = math.floor(left / buyers) + (number <= left % buyers and 1 or 0) end
  math.randomseed(seed * 1000 + number)
end

local function ask(method, path, body, more)
  local headers = {["Origin"] = origin, ["Content-Type"] = "application/json", ["Accept"] = "application/json"}
  if cookie then headers["Cookie"] = cookie end
  for name, value in pairs(more or {}) do headers[name] = value end
  return wrk.format(method, path, headers, body)
end

function request()
  if step == 1 then
    began, cookie = now(), nil
    if first == 0 then first = began end
    local chosen = {}
    while #chosen < lines do
      local sku = skus[math.random(#skus)]
      if sku ~= chosen[1] then chosen[#chosen + 1] = sku end
    end
    for at, sku in ipairs(chosen) do chosen[at] = '{"sku":"' .. sku .. '","qty":1}' end
    local ends = not whole and {["Connection"] = "close"} or nil
    return ask("PUT", "/store/v1/cart/lines", '{"lines":[' .. table.concat(chosen, ",") .. "]}", ends)
  elseif step == 2 then
    return ask("POST", "/store/v1/quotes", quoting)
  end
  order_no = order_no + 1
  local key = string.format("bench-%d-%d-%d-%d", seed, number, order_no, math.floor(began * 1e6))
  local body = '{"quote_id":"' .. quote .. '","payment":{"method":"wallet","script":"approve"}}'
  return ask("POST", "/store/v1/orders", body, {["Idempotency-Key"] = key, ["Connection"] = "close"})
end

local function finish(why)
  last = now()
  if why then
    refused[why] = (refused[why] or 0) + 1
  else
    seconds[#seconds + 1] = last - began
    paid = last
  end
  step = 1
  if left > 0 then
    left = left - 1
    if left == 0 then
      io.open(folder .. "/done-" .. number, "w"):close()
      wrk.thread:stop()
    end
  end
end

function response(status, headers, body)
  if status >= 400 then
    return finish(status .. " " .. (body:match('"code":"([^"]*)"') or ""))
  end
  if step == 1 then
    local given = headers["set-cookie"] or headers["Set-Cookie"]
    cookie = given and given:match("^[^;]*") or cookie
    if not whole then return finish() end
    step = 2
  elseif step == 2 then
    quote, step = body:match('"id":"(quo_[^"]*)"'), 3
  else
    local state = body:match('"tenders":%[.-"status":"([^"]*)"') or body:match('"tenders":%[(%])') or "?"
    finish(state ~= "captured" and "200 payment " .. state or nil)
  end
end

function done()
  local told, counts, early, late, latest = {}, {}, math.huge, 0, 0
  for _, thread in ipairs(threads) do
    for _, one in ipairs(thread:get("seconds")) do told[#told + 1] = string.format("%.6f", one) end
    for why, count in pairs(thread:get("refused")) do counts[why] = (counts[why] or 0) + count end
    if thread:get("first") > 0 then early = math.min(early, thread:get("first")) end
    late, latest = math.max(late, thread:get("last")), math.max(latest, thread:get("paid"))
  end
  local refusals = {}
  for why, count in pairs(counts) do refusals[#refusals + 1] = string.format("%q:%d", why, count) end
  io.write(string.format('{"seconds":[%s],"refused":{%s},"began":%.6f,"ended":%.6f,"last":%.6f}\n',
    table.concat(told, ","), table.concat(refusals, ","), early, late, latest))
end
