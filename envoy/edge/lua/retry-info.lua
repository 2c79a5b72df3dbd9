-- Gives an UNAVAILABLE that says nothing more the google.rpc.Status that every other one has. ANSWER, which stands before this text, has it.

function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get("grpc-status") ~= ANSWER.code or headers:get("retry-after") ~= nil then return end
  headers:replace("retry-after", ANSWER.retryAfter)
  if headers:get("grpc-status-details-bin") == nil then
    headers:replace("grpc-message", ANSWER.text)
    headers:replace("grpc-status-details-bin", ANSWER.details)
  end
end
