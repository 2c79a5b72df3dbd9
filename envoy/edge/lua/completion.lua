-- Completes answers that say no more than UNAVAILABLE or DEADLINE_EXCEEDED. Before this text stand ANSWERS, which has what they get by their
-- grpc-status, and BOUND, the grpc-timeout of a call whose caller has set none. Metadata of a direct route has its timeout in milliseconds.

local NAME = "rentmesh.completion"
local DEADLINE_EXCEEDED = "4"
local GRPC, GRPC_JSON = "application/grpc", "application/grpc+json"

local function noted(handle, key)
  local notes = handle:streamInfo():dynamicMetadata():get(NAME)
  return notes ~= nil and notes[key] == true
end

local UNITS = { H = 3600000, M = 60000, S = 1000, m = 1, u = 1e-3, n = 1e-6 }

local function milliseconds(timeout)
  local count, unit = timeout:match("^(%d+)([HMSmun])$")
  return count and tonumber(count) * UNITS[unit]
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local notes = handle:streamInfo():dynamicMetadata()
  -- Whoever has set a deadline of its own expects to hear of it.
  local timeout = headers:get("grpc-timeout")
  if timeout ~= nil and timeout ~= BOUND then
    notes:set(NAME, "deadline", true)
    local own, route = milliseconds(timeout), handle:metadata():get("timeout")
    -- The router tells nobody which of the two has passed.
    if own ~= nil and route ~= nil and (route == 0 or own < route) then notes:set(NAME, "expires", true) end
  end
  if headers:get("content-type") == GRPC_JSON then notes:set(NAME, "json", true) end
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local status = headers:get("grpc-status")
  if status == nil then return end
  -- Envoy's own answers have one content type for all, and clients take none but that of their request.
  if headers:get("content-type") == GRPC and noted(handle, "json") then headers:replace("content-type", GRPC_JSON) end
  local answer = ANSWERS[status]
  if answer == nil or headers:get("retry-after") ~= nil then return end
  local is_bare = headers:get("grpc-status-details-bin") == nil
  if status == DEADLINE_EXCEEDED and (not is_bare or noted(handle, "deadline")) then return end
  headers:replace("retry-after", answer.retryAfter)
  if is_bare then
    headers:replace("grpc-status", answer.code)
    headers:replace("grpc-message", answer.text)
    headers:replace("grpc-status-details-bin", answer.details)
  end
end
