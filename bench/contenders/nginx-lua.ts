import type { Contender } from '../contender.ts'
import { startProxy } from './nginx.ts'

const LUA = `${import.meta.dirname}/nginx-lua`

/** nginx that signs in Lua, with libcrypto through LuaJIT's FFI: what somebody who knows it would write by hand. */
export const nginxLua: Contender = {
  name: 'nginx-lua',
  signs: true,
  needs: 'libnginx-mod-http-lua',
  start(setting, { algorithm, reuses }) {
    const { file } = setting.keys[algorithm]
    return startProxy(setting, {
      modules: ['ndk_http_module', 'ngx_http_lua_module'],
      http: `
        lua_package_path "${LUA}/?.lua;;";
        init_worker_by_lua_block {
          credential = require("credential").new("${algorithm}", "${file}", ${reuses})
        }`,
      before: `access_by_lua_block {
        ngx.req.set_header("Authorization", "Bearer " .. credential())
      }`,
    })
  },
}
