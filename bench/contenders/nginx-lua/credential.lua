-- The token of a request: bench/token-shape.ts in Lua.
local base64url = require("ngx.base64").encode_base64url
local signer = require("signer")
local find, format, gsub, upper = string.find, string.format, string.gsub, string.upper
local concat, get_method, now, var = table.concat, ngx.req.get_method, ngx.time, ngx.var

local LIFETIME = 300
local REUSED = 240
local MOST = 20000

local function escape(character)
  if character == '"' or character == "\\" then return "\\" .. character end
  return format("\\u%04x", character:byte())
end

local function text(value)
  if find(value, '[%c"\\]') then value = gsub(value, '[%c"\\]', escape) end
  return '"' .. value .. '"'
end

local credential = {}

-- a function that gives the token of the request being handled
function credential.new(algorithm, file, reuses)
  local sign = signer.new(algorithm, file)
  local head = base64url(format('{"alg":"%s","kid":"bench","typ":"JWT"}', algorithm)) .. "."
  local tokens, count = {}, 0

  local function make(claims)
    local iat = now()
    local payload = format("%s,\"iat\":%d,\"exp\":%d}", claims, iat, iat + LIFETIME)
    local input = head .. base64url(payload)
    return input .. "." .. base64url(sign(input)), iat + REUSED
  end

  return function()
    local claims = concat {
      '{"iss":"bench","aud":"https://upstream.example","env":"prod","sub":', text(var.http_x_user),
      ',"tenant":', text(var.http_x_tenant),
      ',"role":', text(var.http_x_role),
      ',"method":', text(get_method()),
      ',"path":', text(var.uri),
      ',"region":', text(var.http_x_region or "eu"),
      ',"plan":', text(upper(var.http_x_plan)),
    }
    if not reuses then return (make(claims)) end
    local known = tokens[claims]
    if known and now() < known.good_until then return known.token end
    -- bounded, if crudely: whoever writes this by hand starts over when it is full
    if count >= MOST then tokens, count = {}, 0 end
    if not known then count = count + 1 end
    local token, good_until = make(claims)
    tokens[claims] = { token = token, good_until = good_until }
    return token
  end
end

return credential
