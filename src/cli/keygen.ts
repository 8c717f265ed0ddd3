import { join, resolve } from 'node:path'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  type GeneratedKey,
  generateKeyTexts,
  type KeyChoice,
  wrongChoice,
} from '../keys/index.ts'
import { type NewFile, writeNewFiles } from './new-files.ts'
import { Stop } from './stop.ts'

interface KeygenFlags extends KeyChoice {
  readonly out: string
  readonly kid?: string
  readonly format: 'pem' | 'jwk'
}

/** `countersign keygen`: a new key in files of its own, and the lines of a policy that name it. */
export function keygenCommand(): Command {
  return new Command('keygen')
    .description('Make a key: the private file (mode 0600), the public one, and its kid.')
    .addArgument(new Argument('<algorithm>', 'what it signs with').choices(ALGORITHM_NAMES))
    .addOption(
      new Option('--out <folder>', 'where to').default('keys').env('COUNTERSIGN_KEYGEN_OUT'),
    )
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(['pem', 'jwk'])
        .default('pem')
        .env('COUNTERSIGN_KEYGEN_FORMAT'),
    )
    .addOption(
      new Option('--kid <id>', 'key id (default: thumbprint)')
        .argParser(kidFlag)
        .env('COUNTERSIGN_KEYGEN_KID'),
    )
    .addOption(
      new Option('--bits <number>', 'size of an RSA key (default: 2048)')
        .argParser(numberFlag)
        .env('COUNTERSIGN_KEYGEN_BITS'),
    )
    .addOption(
      new Option('--curve <name>', 'curve, which the algorithm decides').env(
        'COUNTERSIGN_KEYGEN_CURVE',
      ),
    )
    .addOption(
      new Option('--secret-bytes <number>', 'size of an HMAC secret (default: 64)')
        .argParser(numberFlag)
        .env('COUNTERSIGN_KEYGEN_SECRET_BYTES'),
    )
    .action(keygen)
}

async function keygen(alg: AlgorithmName, flags: KeygenFlags): Promise<void> {
  const wrong = wrongChoice(alg, flags)
  if (wrong !== undefined) throw new Stop(2, wrong)
  const key = await generateKeyTexts(alg, flags, flags)
  const files = filesOf(key, alg, flags)
  await writeNewFiles(files)
  if (key.kid !== undefined) console.log(key.kid)
  console.error(guide(files, alg, flags.kid))
}

/** The private file first. A secret has no public half, and no name to tell it by unless one was given. */
function filesOf(
  { privateText, publicText, kid }: GeneratedKey,
  alg: AlgorithmName,
  { out, format }: KeygenFlags,
): readonly [NewFile, ...NewFile[]] {
  const name = [alg.toLowerCase(), ...(kid === undefined ? [] : [kid])].join('-')
  const path = join(resolve(out), name)
  const suffix = publicText === undefined && format === 'pem' ? 'secret' : format
  const own = { path: `${path}.${suffix}`, text: privateText.reveal(), mode: 0o600 }
  if (publicText === undefined) return [own]
  return [own, { path: `${path}.pub.${suffix}`, text: publicText, mode: 0o644 }]
}

/** Paths are absolute, so that the lines hold in whichever folder the policy lies. */
function guide(
  [own, shared]: readonly [NewFile, ...NewFile[]],
  alg: AlgorithmName,
  kid: string | undefined,
): string {
  const lines = [`private  ${own.path}`]
  if (shared) lines.push(`public   ${shared.path}`)
  lines.push('', 'jwt:', `  signingMethod: ${alg}`)
  lines.push(`  privateKey: { file: ${JSON.stringify(own.path)} }`)
  if (kid !== undefined) lines.push(`  kid: ${JSON.stringify(kid)}`)
  else if (shared) lines.push('  kid: thumbprint')
  return lines.join('\n')
}

/** What `kid` of a policy takes for a rule and not for a name. */
const RULES = ['thumbprint', 'x5t', 'omit']

function kidFlag(text: string): string {
  if (!/^(?!\.)[A-Za-z0-9._-]{1,128}$/.test(text)) {
    throw new InvalidArgumentError(
      'expected 1 to 128 letters, digits, ".", "_" and "-", no dot first',
    )
  }
  if (RULES.includes(text)) {
    throw new InvalidArgumentError(`in a policy "${text}" is a rule, not a name`)
  }
  return text
}

function numberFlag(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}
