-- Completes answers that say no more than UNAVAILABLE or DEADLINE_EXCEEDED. Before this text stand ANSWERS, which has what they get by their
-- grpc-status, and BOUND, the grpc-timeout of a call whose caller has set none.

local NAME = "rentmesh.completion"
local DEADLINE_EXCEEDED = "4"
local GRPC, GRPC_JSON = "application/grpc", "application/grpc+json"

local function noted(handle, key)
  local notes = handle:streamInfo():dynamicMetadata():get(NAME)
  return notes ~= nil and notes[key] == true
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local notes = handle:streamInfo():dynamicMetadata()
  -- Whoever has set a deadline of its own expects to hear of it.
  local timeout = headers:get("grpc-timeout")
  if timeout ~= nil and timeout ~= BOUND then notes:set(NAME, "deadline", true) end
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
