import type { Row } from './sample.ts'

const WIDTH = 760
const NAMES = 150
const FIGURES = 90
const BAR = 16
const STEP = 22
const TITLE = 34
const BARS = WIDTH - NAMES - FIGURES

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 13px }
  .other { fill: #a9b4c0 }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .other { fill: #59636e }
    .ours { fill: #4493f8 }
  }`

/**
 * CPU time a request as bars, as an SVG document without a background, for light and dark pages. Each scenario has a
 * scale of its own, from 0 to its dearest contender.
 */
export function barChart(rows: readonly Row[]): string {
  const groups = Map.groupBy(rows, ({ scenario }) => scenario)
  let top = 0
  const parts = [...groups].map(([scenario, group]) => {
    const dearest = Math.max(...group.map(({ cpuMicros }) => cpuMicros))
    const bars = group
      .toSorted((a, b) => a.cpuMicros - b.cpuMicros)
      .map((row, at) => bar(row, dearest, top + TITLE + at * STEP))
    const title = `<text class="title" x="0" y="${top + TITLE - 12}">${escaped(scenario)}</text>`
    top += TITLE + group.length * STEP
    return [title, ...bars].join('\n')
  })
  const head = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 8}" role="img"`
  const about = '<title>CPU time a request, in microseconds: less is better</title>'
  return `<svg ${head}>\n${about}\n<style>${STYLE}\n</style>\n${parts.join('\n')}\n</svg>\n`
}

function bar({ contender, cpuMicros }: Row, dearest: number, y: number): string {
  const width = Math.max(1, (BARS * cpuMicros) / dearest).toFixed(1)
  const kind = contender.startsWith('countersign') ? 'ours' : 'other'
  const middle = y + BAR - 4
  return [
    `<text x="${NAMES - 8}" y="${middle}" text-anchor="end">${escaped(contender)}</text>`,
    `<rect class="${kind}" x="${NAMES}" y="${y}" width="${width}" height="${BAR}"/>`,
    `<text x="${NAMES + Number(width) + 6}" y="${middle}">${cpuMicros.toFixed(1)} µs</text>`,
  ].join('')
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
