import { writeFileSync } from 'node:fs'
import type { Contender } from '../contender.ts'
import { startProxy } from './nginx.ts'

const NJS = `${import.meta.dirname}/nginx-njs`

/**
 * nginx that signs in njs with its WebCrypto, which knows no Ed25519. Each request has an interpreter of its own, so
 * the key is imported for each, and nothing can be kept.
 */
export const nginxNjs: Contender = {
  name: 'nginx-njs',
  signs: true,
  needs: 'libnginx-mod-http-js',
  start(setting, { algorithm }) {
    const { file } = setting.keys[algorithm]
    const settings = `${setting.folder}/njs-${algorithm}.json`
    writeFileSync(settings, JSON.stringify({ algorithm, file }))
    return startProxy(setting, {
      modules: ['ngx_http_js_module'],
      http: `
        js_path ${NJS};
        js_var $bench_settings ${settings};
        js_var $token;
        js_import credential.js;`,
      locations: `
        location / { js_content credential.sign; }
        location @upstream {
          proxy_set_header Authorization "Bearer $token";
          proxy_pass http://upstream;
        }`,
    })
  },
}
