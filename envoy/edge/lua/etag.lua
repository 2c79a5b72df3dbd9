-- Answers a REST GET whose If-None-Match has the answer's ETag with 304 and no body (RFC 9110, 13.1.2). The filter stands before the
-- transcoder, so that the answer is already that of REST.

local NAME = "rentmesh.etag"

-- What is compared: for If-None-Match a weak tag and a strong one are the same.
local function opaque(tag)
  return tag:match('^%s*W?/?("[^"]*")%s*$')
end

local function matches(asked, tag)
  if asked:match("^%s*(.-)%s*$") == "*" then return true end
  for each in asked:gmatch('W?/?("[^"]*")') do
    if each == tag then return true end
  end
  return false
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local count = headers:getNumValues("if-none-match")
  if count == 0 then return end
  local values = {}
  for index = 0, count - 1 do values[index + 1] = headers:getAtIndex("if-none-match", index) end
  -- A condition of the REST request, not of the call that it becomes.
  headers:remove("if-none-match")
  handle:streamInfo():dynamicMetadata():set(NAME, "asked", table.concat(values, ","))
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local tag = headers:get("etag")
  if tag == nil or headers:get(":status") ~= "200" then return end
  -- Whoever keeps the answer asks whether it still holds.
  if headers:get("cache-control") == nil then headers:add("cache-control", "no-cache") end
  local condition = handle:streamInfo():dynamicMetadata():get(NAME)
  if condition == nil or opaque(tag) == nil or not matches(condition["asked"], opaque(tag)) then return end
  local body = handle:body()
  if body ~= nil then body:setBytes("") end
  -- Waiting for the body has ended what was had of the headers.
  headers = handle:headers()
  headers:replace(":status", "304")
  headers:remove("content-length")
  headers:remove("content-type")
end
