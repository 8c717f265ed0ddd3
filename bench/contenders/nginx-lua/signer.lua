-- Signs with libcrypto, which nginx is linked with.
local ffi = require("ffi")
local byte, rep = string.byte, string.rep

ffi.cdef [[
typedef struct bio_st BIO;
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_md_st EVP_MD;
typedef struct evp_md_ctx_st EVP_MD_CTX;
BIO *BIO_new_mem_buf(const void *buf, int len);
EVP_PKEY *PEM_read_bio_PrivateKey(BIO *bp, EVP_PKEY **x, void *cb, void *u);
const EVP_MD *EVP_sha256(void);
EVP_MD_CTX *EVP_MD_CTX_new(void);
int EVP_MD_CTX_reset(EVP_MD_CTX *ctx);
int EVP_DigestSignInit(EVP_MD_CTX *ctx, void **pctx, const EVP_MD *type, void *e, EVP_PKEY *pkey);
int EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *siglen, const unsigned char *tbs, size_t tbslen);
unsigned char *HMAC(const EVP_MD *md, const void *key, int key_len, const unsigned char *d, size_t n, unsigned char *out, unsigned int *out_len);
]]

local C = ffi.C
local SIZE = 512
local signature = ffi.new("unsigned char[?]", SIZE)
local length = ffi.new("size_t[1]")
local hmac_length = ffi.new("unsigned int[1]")

-- the two integers of an ECDSA signature in DER, as 32 bytes each (RFC 7518, section 3.4)
local function raw(der)
  local function integer(at)
    local size = byte(der, at + 1)
    local value = der:sub(at + 2, at + 1 + size)
    if size > 32 then value = value:sub(size - 31) end
    return rep("\0", 32 - #value) .. value, at + 2 + size
  end
  local r, behind = integer(3)
  return r .. integer(behind)
end

local function hmac(secret)
  local sha256 = C.EVP_sha256()
  return function(input)
    C.HMAC(sha256, secret, #secret, input, #input, signature, hmac_length)
    return ffi.string(signature, hmac_length[0])
  end
end

local function asymmetric(pem, algorithm)
  local key = C.PEM_read_bio_PrivateKey(C.BIO_new_mem_buf(pem, #pem), nil, nil, nil)
  assert(key ~= nil, "expected a private key")
  local context = C.EVP_MD_CTX_new()
  local digest = algorithm ~= "EdDSA" and C.EVP_sha256() or nil
  return function(input)
    C.EVP_MD_CTX_reset(context)
    assert(C.EVP_DigestSignInit(context, nil, digest, nil, key) == 1)
    length[0] = SIZE
    assert(C.EVP_DigestSign(context, signature, length, input, #input) == 1)
    local made = ffi.string(signature, length[0])
    return algorithm == "ES256" and raw(made) or made
  end
end

local signer = {}

-- a function from bytes to their signature; the key is read once
function signer.new(algorithm, file)
  local handle = assert(io.open(file, "rb"))
  local text = handle:read("*a")
  handle:close()
  if algorithm == "HS256" then return hmac(text) end
  return asymmetric(text, algorithm)
end

return signer
