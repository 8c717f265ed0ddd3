/** What of a V8 CPU profile is read (`node --cpu-prof`). */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  /** The node that ran, at each sample. */
  readonly samples: readonly number[]
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[]
}

/** A function, and its share of the time in which the program did something; what it calls does not count. */
export interface Frame {
  readonly name: string
  /** Percent. */
  readonly share: number
}

/** The functions that most time was spent in, heaviest first. */
export function heaviestFrames(profile: CpuProfile, count: number): Frame[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const spent = new Map<string, number>()
  profile.samples.forEach((id, at) => {
    const name = names.get(id) ?? '(idle)'
    if (name === '(idle)') return
    spent.set(name, (spent.get(name) ?? 0) + (profile.timeDeltas[at] ?? 0))
  })
  const all = [...spent.values()].reduce((sum, micros) => sum + micros, 0)
  return [...spent]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, micros]) => ({ name, share: (100 * micros) / all }))
}

function nameOf({
  functionName,
  url,
  lineNumber,
}: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName || '(anonymous)'
  const file = url.replace(/^.*\/(?=(?:node_modules|dist|src)\/)/, '').replace('file://', '')
  return file === '' ? name : `${name} ${file}:${lineNumber + 1}`
}
