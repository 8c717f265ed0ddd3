import type { Contender } from '../contender.ts'

const PROGRAM = `${import.meta.dirname}/../programs/express-hpm.ts`

/** Express and http-proxy-middleware, done well: what a team would write in place of ours. */
export const expressHpm: Contender = {
  name: 'express-hpm',
  signs: true,
  async start({ children, cores, keys, upstream }, { algorithm, reuses, place = 'header' }) {
    const { file } = keys[algorithm]
    const child = children.start(
      [process.execPath, PROGRAM, upstream.url, algorithm, file, String(reuses), place],
      { cores: cores.contender, env: { NODE_ENV: 'production' } },
    )
    const [, url = ''] = await child.waitFor(/^listening (\S+)$/m)
    return { url, pid: child.pid, stop: child.stop }
  },
}
