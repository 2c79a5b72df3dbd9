-- Holds the JSON body of a REST request against the contract before the transcoder reads it: what is not JSON, has a field that the contract
-- does not have, or a value of another type is refused, and every such field is named. CONTRACT, which stands before this text, says what
-- messages have (contract.ts). A type is what JSON stands for it: scalars, `enum`, `message`, `list`, `map`, `timestamp`,
-- `duration`, and `any` for what can be anything.

local type_name = type -- Below, `type` is a type of the contract.

local DEEPEST = 100 -- As protobuf's own parsers.
local MOST_VIOLATIONS = 20
local LONGEST_NAME = 100 -- In bytes, as far as an answer repeats it.

local QUOTE, BACKSLASH, MINUS, ZERO, NINE = 34, 92, 45, 48, 57
local LIST, OBJECT = 91, 123

-- By the names that a member of an object can have: the one of JSON and the one of the proto.
local MEMBERS = {}
for name, fields in pairs(CONTRACT.messages) do
  MEMBERS[name] = {}
  for _, field in ipairs(fields) do
    MEMBERS[name][field.proto] = field
    MEMBERS[name][field.json] = field
  end
end

local ENUMS = {}
for name, values in pairs(CONTRACT.enums) do
  ENUMS[name] = {}
  for _, value in ipairs(values) do ENUMS[name][value] = true end
end

-- The body that is being read. A scan runs without a pause, so one is enough for a worker.
local text, violations, depth

local function malformed(at, what)
  error({ malformed = string.format("the body is not JSON: %s at byte %d", what, at) }, 0)
end

-- A name that the caller has chosen, as far as it is told back.
local function told(name)
  if #name <= LONGEST_NAME then return name end
  return (name:sub(1, LONGEST_NAME):gsub("[\128-\255]+$", "")) .. "..."
end

-- A path is a chain from the field up: { up = path, name = "carId" } or { up = path, index = 2 } or { up = path, key = "a" }.
local function written(path)
  local parts = {}
  while path ~= nil do
    local part
    if path.index ~= nil then
      part = string.format("[%d]", path.index)
    elseif path.key ~= nil then
      part = string.format("[%q]", told(path.key))
    else
      part = (path.up ~= nil and "." or "") .. told(path.name)
    end
    table.insert(parts, 1, part)
    path = path.up
  end
  return table.concat(parts)
end

local function violates(path, description)
  violations[#violations + 1] = { field = written(path), description = description }
  if #violations == MOST_VIOLATIONS then error({ enough = true }, 0) end
end

local function after_space(at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

-- From the opening quote: where the text goes on behind the string, and whether it has escapes.
local function string_end(at)
  local from, escaped = at + 1, false
  while true do
    local hit = text:find('[%z\1-\31"\\]', from)
    if hit == nil then malformed(#text + 1, "a string without an end") end
    local byte = text:byte(hit)
    if byte == QUOTE then return hit + 1, escaped end
    if byte ~= BACKSLASH then malformed(hit, "a control character in a string") end
    escaped = true
    if text:find('^["\\/bfnrt]', hit + 1) then
      from = hit + 2
    elseif text:find("^u%x%x%x%x", hit + 1) then
      from = hit + 6
    else
      malformed(hit, "an unknown escape")
    end
  end
end

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 0x40), 0x80 + code % 0x40) end
  local low, middle = 0x80 + code % 0x40, 0x80 + math.floor(code / 0x40) % 0x40
  if code < 0x10000 then return string.char(0xE0 + math.floor(code / 0x1000), middle, low) end
  return string.char(0xF0 + math.floor(code / 0x40000), 0x80 + math.floor(code / 0x1000) % 0x40, middle, low)
end

local function unescaped(raw)
  raw = raw:gsub("\\u([dD][89abAB]%x%x)\\u([dD][c-fC-F]%x%x)", function(high, low)
    return utf8(0x10000 + (tonumber(high, 16) - 0xD800) * 0x400 + tonumber(low, 16) - 0xDC00)
  end)
  return (raw:gsub("\\(u?)(.)(%x?%x?%x?)", function(unicode, first, rest)
    if unicode == "u" then return utf8(tonumber(first .. rest, 16)) end
    return (ESCAPES[first] or first) .. rest
  end))
end

local function content(at, after, escaped)
  local raw = text:sub(at + 1, after - 2)
  return escaped and unescaped(raw) or raw
end

local function number_end(at)
  local after = text:match("^-?%d+()", at)
  if after == nil or text:find("^-?0%d", at) then malformed(at, "an unexpected character") end
  after = text:match("^%.%d+()", after) or after
  return text:match("^[eE][+-]?%d+()", after) or after
end

-- The largest values of integers, as digits: some are beyond what a number of Lua can hold.
local INTEGERS = {
  int32 = { most = "2147483647", least = "2147483648", says = "an integer of 32 bits" },
  uint32 = { most = "4294967295", least = "0", says = "an integer of 32 bits that is not negative" },
  int64 = { most = "9223372036854775807", least = "9223372036854775808", says = "an integer of 64 bits" },
  uint64 = { most = "18446744073709551615", least = "0", says = "an integer of 64 bits that is not negative" },
}

local function is_integer(literal, range)
  local sign, digits = literal:match("^(-?)0*(%d+)$")
  if digits == nil then
    local value = tonumber(literal)
    return value ~= nil and value % 1 == 0 and value <= tonumber(range.most) and value >= -tonumber(range.least)
  end
  local limit = sign == "-" and range.least or range.most
  return #digits < #limit or (#digits == #limit and digits <= limit)
end

local function is_number(literal)
  return literal:find("^-?%d+%.?%d*[eE]?[+-]?%d*$") ~= nil and tonumber(literal) ~= nil
end

local NOT_FINITE = { NaN = true, Infinity = true, ["-Infinity"] = true }
local LARGEST = { float = 3.4028235677973366e38, double = math.huge }

local function is_base64(value)
  local characters, padding = value:match("^([%w+/_-]*)(=*)$")
  if characters == nil or #padding > 2 then return false end
  local beyond = #characters % 4
  return beyond ~= 1 and (padding == "" or (#characters + #padding) % 4 == 0)
end

-- Only the forms: what no calendar has is refused by the transcoder.
local function is_timestamp(value)
  local rest = value:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d(.*)$")
  if rest == nil then return false end
  local fraction = rest:match("^%.(%d+)") or ""
  local zone = fraction == "" and rest or rest:sub(#fraction + 2)
  return #fraction <= 9 and (zone == "Z" or zone:find("^[+-]%d%d:%d%d$") ~= nil)
end

local function is_duration(value)
  local fraction = value:match("^%-?%d+(%.?%d*)s$")
  return fraction ~= nil and fraction ~= "." and #fraction <= 10
end

-- Whether a value is of a scalar type. `kind` is what it is in JSON: string, number, true, false.
local function fits(type, kind, value)
  local is = type.is
  if is == "string" then return kind == "string", "text" end
  if is == "bool" then return kind == "true" or kind == "false", "true or false" end
  if is == "bytes" then return kind == "string" and is_base64(value), "bytes in base64" end
  if is == "timestamp" then
    return kind == "string" and is_timestamp(value), "a time as RFC 3339 writes it, such as 2026-01-02T03:04:05Z"
  end
  if is == "duration" then
    return kind == "string" and is_duration(value), "a number of seconds with an s behind it, such as 1.5s"
  end
  if is == "enum" then
    if kind == "number" then return is_integer(value, INTEGERS.int32), "a value of the enum" end
    return kind == "string" and ENUMS[type.enum][value] ~= nil, "one of the enum's names"
  end
  if kind == "string" and LARGEST[is] and NOT_FINITE[value] then return true end
  if (kind ~= "string" and kind ~= "number") or not is_number(value) then
    return false, INTEGERS[is] and INTEGERS[is].says or "a number"
  end
  if INTEGERS[is] then return is_integer(value, INTEGERS[is]), INTEGERS[is].says end
  return math.abs(tonumber(value)) < LARGEST[is], "a number in the range of a " .. is
end

local read

-- Goes through what stands between two brackets; `item` reads one item and returns where the text goes on.
local function each(at, close, item)
  depth = depth + 1
  if depth > DEEPEST then malformed(at, "more than " .. DEEPEST .. " levels") end
  at = after_space(at + 1)
  if text:sub(at, at) == close then
    depth = depth - 1
    return at + 1
  end
  while true do
    at = after_space(item(at))
    local byte = text:sub(at, at)
    if byte == close then
      depth = depth - 1
      return at + 1
    end
    if byte ~= "," then malformed(at, "no comma and no " .. close) end
    at = after_space(at + 1)
  end
end

local function read_list(at, type, path)
  local of, index = type and type.of, 0
  return each(at, "]", function(from)
    local after = read(from, of, of and { up = path, index = index }, false)
    index = index + 1
    return after
  end)
end

local function key_fits(type, key)
  if type.keys == "string" then return true end
  if type.keys == "bool" then return key == "true" or key == "false" end
  return is_number(key) and is_integer(key, INTEGERS[type.keys])
end

-- The type of the value of one member, and its path; nothing for what is only skipped.
local function member(type, path, key, seen)
  if type.is == "map" then
    local here = { up = path, key = key }
    if not key_fits(type, key) then violates(here, "its key has to be of type " .. type.keys) end
    if seen[key] then violates(here, "is given twice") end
    seen[key] = true
    return type.of, here, false
  end
  local field = MEMBERS[type.message][key]
  if field == nil then
    violates({ up = path, name = key }, "the contract has no such field")
    return
  end
  local here = { up = path, name = field.json }
  if seen[field] then violates(here, "is given twice") end
  seen[field] = true
  if path == nil and type.bound and type.bound[field.proto] then violates(here, "is given by the path") end
  return field.type, here, true, field.oneof
end

local function read_object(at, type, path)
  local seen = {}
  return each(at, "}", function(from)
    if text:byte(from) ~= QUOTE then malformed(from, "no name in quotes") end
    local after, escaped = string_end(from)
    local colon = after_space(after)
    if text:sub(colon, colon) ~= ":" then malformed(colon, "no colon") end
    local value = after_space(colon + 1)
    if type == nil then return read(value) end
    local of, here, may_be_null, oneof = member(type, path, content(from, after, escaped), seen)
    if oneof and not text:find("^null", value) then
      if seen[oneof] then violates(here, "only one of it and " .. seen[oneof] .. " can be given") end
      seen[oneof] = here.name
    end
    return read(value, of, here, may_be_null)
  end)
end

local SHAPES = { message = "an object", map = "an object", list = "a list" }

-- Reads one value and returns where the text goes on. Without a type the value only has to be JSON.
read = function(at, type, path, may_be_null)
  if type and type.is == "any" then type = nil end
  local byte = text:byte(at)
  if byte == OBJECT then
    if type and type.is ~= "message" and type.is ~= "map" then
      violates(path, "has to be " .. (SHAPES[type.is] or select(2, fits(type, "object"))) .. ", and is an object")
      type = nil
    end
    return read_object(at, type, path)
  end
  if byte == LIST then
    if type and type.is ~= "list" then
      violates(path, "has to be " .. (SHAPES[type.is] or select(2, fits(type, "list"))) .. ", and is a list")
      type = nil
    end
    return read_list(at, type, path)
  end
  local kind, after, escaped
  if byte == QUOTE then
    kind, after, escaped = "string", string_end(at)
  elseif byte == MINUS or (byte ~= nil and byte >= ZERO and byte <= NINE) then
    kind, after = "number", number_end(at)
  else
    kind = text:match("^%a+", at)
    if kind ~= "true" and kind ~= "false" and kind ~= "null" then
      malformed(at, at > #text and "an unexpected end" or "an unexpected character")
    end
    after = at + #kind
  end
  if type == nil or (kind == "null" and may_be_null) then return after end
  if SHAPES[type.is] or kind == "null" then
    violates(path, "has to be " .. (SHAPES[type.is] or select(2, fits(type, "null"))))
    return after
  end
  -- Long texts need not be copied to know that they are texts.
  if type.is == "string" and kind == "string" then return after end
  local value = kind == "string" and content(at, after, escaped) or text:sub(at, after - 1)
  local ok, expected = fits(type, kind, value)
  if not ok then violates(path, "has to be " .. expected) end
  return after
end

-- Nothing if the body is what the contract says, else what is wrong with it.
local function check(body, type)
  text, violations, depth = body, {}, 0
  local ok, failure = pcall(function()
    local at = after_space(1)
    if type.is == "message" and text:byte(at) ~= OBJECT then malformed(at, "a request is an object; there is none") end
    local after = after_space(read(at, type, nil, false))
    if after <= #text then malformed(after, "something behind the value") end
  end)
  text = nil
  if not ok and type_name(failure) ~= "table" then error(failure, 0) end
  if not ok and failure.malformed then return { message = failure.malformed } end
  if #violations == 0 then return nil end
  local parts = {}
  for _, each_of in ipairs(violations) do parts[#parts + 1] = each_of.field .. ": " .. each_of.description end
  return { message = table.concat(parts, "; "), violations = violations }
end

local function refuse(handle, status, refusal)
  local metadata = handle:streamInfo():dynamicMetadata()
  for key, value in pairs(refusal) do metadata:set("rentmesh.fields", key, value) end
  handle:respond({ [":status"] = status }, refusal.message)
end

function envoy_on_request(handle)
  -- gRPC to the path of a REST method: the route answers that there is none.
  if (handle:headers():get("content-type") or ""):find("^application/grpc") then return end
  local encoding = handle:headers():get("content-encoding")
  if encoding ~= nil and encoding ~= "identity" then
    return refuse(handle, "415", { message = "a body with content-encoding " .. encoding .. " is not taken" })
  end
  local body = handle:body()
  if body == nil or body:length() == 0 then return end
  local root = CONTRACT.roots[handle:metadata():get("root") or ""]
  if root == nil then return refuse(handle, "400", { message = "this method takes no body" }) end
  local refusal = check(body:getBytes(0, body:length()), root)
  if refusal ~= nil then refuse(handle, "400", refusal) end
end
