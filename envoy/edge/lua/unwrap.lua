-- Takes one message field out of the message in a gRPC answer, on the way from the service to the transcoder. Only for calls that the
-- transcoder made of REST requests: it leaves their first path in x-envoy-original-path.
--
-- A unary answer is one frame: a byte that says whether it is compressed, four bytes of length, the message. A message is a row of fields,
-- each a varint tag (field number and wire type) and its value. If the field comes more than once, protobuf merges; concatenating does that.

local function varint(text, at)
  local value, factor = 0, 1
  while true do
    local byte = text:byte(at)
    if byte == nil then return nil, at end
    at = at + 1
    value = value + (byte % 128) * factor
    if byte < 128 then return value, at end
    factor = factor * 128
  end
end

local function field(message, number)
  local found, at = "", 1
  while at <= #message do
    local tag, length
    tag, at = varint(message, at)
    if tag == nil then return found end
    local wire = tag % 8
    if wire == 2 then
      length, at = varint(message, at)
      if length == nil then return found end
      if (tag - wire) / 8 == number then found = found .. message:sub(at, at + length - 1) end
      at = at + length
    elseif wire == 0 then
      length, at = varint(message, at)
    elseif wire == 1 then
      at = at + 8
    elseif wire == 5 then
      at = at + 4
    else
      return found
    end
  end
  return found
end

function envoy_on_request(handle)
  local number = handle:metadata():get("field")
  if number ~= nil and handle:headers():get("x-envoy-original-path") ~= nil then
    handle:streamInfo():dynamicMetadata():set("rentmesh.unwrap", "field", number)
  end
end

function envoy_on_response(handle)
  local chosen = handle:streamInfo():dynamicMetadata():get("rentmesh.unwrap")
  if chosen == nil or handle:headers():get("grpc-status") ~= nil then return end
  local body = handle:body()
  if body == nil or body:length() < 5 then return end
  local frame = body:getBytes(0, body:length())
  if frame:byte(1) ~= 0 then return end
  local inner = field(frame:sub(6), chosen["field"])
  local size = #inner
  body:setBytes(string.char(0, math.floor(size / 16777216) % 256, math.floor(size / 65536) % 256, math.floor(size / 256) % 256, size % 256) .. inner)
end
