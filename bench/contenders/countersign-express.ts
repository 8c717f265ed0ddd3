import { mkdirSync, mkdtempSync } from 'node:fs'
import type { Contender } from '../contender.ts'
import { writeOne } from './countersign.ts'

const PROGRAM = `${import.meta.dirname}/../programs/express-countersign.ts`

/** Ours as Express middleware. */
export const countersignExpress: Contender = {
  name: 'countersign',
  signs: true,
  async start(setting, task) {
    const folder = mkdtempSync(`${setting.folder}/express-`)
    mkdirSync(`${folder}/policies`)
    writeOne(folder, setting, task)
    const child = setting.children.start(
      [process.execPath, PROGRAM, `${setting.package}/dist/hosts/express.js`, folder],
      { cores: setting.cores.contender, env: { NODE_ENV: 'production' } },
    )
    const [, url = ''] = await child.waitFor(/^listening (\S+)$/m)
    return { url, pid: child.pid, stop: child.stop }
  },
}
