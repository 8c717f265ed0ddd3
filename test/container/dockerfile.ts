import { readFileSync } from 'node:fs'

/** One `COPY`: where from, and its source and target paths. */
export interface Copy {
  /** Name of a stage; absent for the build context. */
  readonly from?: string
  readonly sources: readonly string[]
  readonly target: string
}

/** One `FROM … AS name` and what follows it. */
export interface Stage {
  readonly name: string
  readonly base: string
  readonly copies: readonly Copy[]
  readonly runs: readonly string[]
  readonly workdir: string
  readonly user: string
  readonly env: Readonly<Record<string, string>>
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  readonly healthcheck: readonly string[]
  readonly exposed: readonly string[]
  readonly labels: readonly string[]
}

/** Reads the instructions of a Dockerfile that writes them in the forms ours does; the last stage is the image. */
export function readDockerfile(path: URL): readonly Stage[] {
  const instructions = readFileSync(path, 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/))
  const starts = instructions.flatMap(([word], index) => (word === 'FROM' ? [index] : []))
  return starts.map((start, index) => stage(instructions.slice(start, starts[index + 1])))
}

function stage([first = [], ...rest]: readonly string[][]): Stage {
  const [, base = '', , name = ''] = first
  const all = (word: string) => rest.flatMap(([first, ...args]) => (first === word ? [args] : []))
  const last = (word: string) => all(word).at(-1)?.join(' ') ?? ''
  const list = (text: string) => JSON.parse(text === '' ? '[]' : text) as string[]
  const pairs = all('ENV')
    .flat()
    .map((pair) => pair.split(/=(.*)/s).slice(0, 2))
  return {
    name,
    base,
    copies: all('COPY').map(copy),
    runs: all('RUN').map((args) => args.join(' ')),
    workdir: last('WORKDIR'),
    user: last('USER'),
    env: Object.fromEntries(pairs),
    entrypoint: list(last('ENTRYPOINT')),
    cmd: list(last('CMD')),
    healthcheck: list(last('HEALTHCHECK').split('CMD ')[1] ?? ''),
    exposed: all('EXPOSE').flat(),
    labels: [...last('LABEL').matchAll(/([\w.]+)=/g)].map(([, label = '']) => label),
  }
}

function copy(args: readonly string[]): Copy {
  const from = args.find((arg) => arg.startsWith('--from='))?.slice('--from='.length)
  const paths = args.filter((arg) => !arg.startsWith('--'))
  return {
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
    ...(from !== undefined && { from }),
  }
}
