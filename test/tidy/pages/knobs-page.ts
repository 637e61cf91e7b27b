/** `docs/knobs.md`, printed from the table of knobs. */
import { knobs } from '../../../topology/model/knobs.ts'
import { generatedNote, tableCell } from './page-parts.ts'

const number = (value: number): string => value.toLocaleString('en')

export const knobsPage = (): string => {
  const rows = [...knobs.values()].map(
    ({ name, unit, initial, min, max, effect }) =>
      `| \`${name}\` | ${tableCell(effect)} | ${unit} | ${number(initial)} | ${number(min)} to ${number(max)} |`,
  )
  return `# Knobs

${generatedNote}

A knob may be turned without breaking an invariant: it changes when and how fast, never what. \`run(topology, { knobs })\` and
\`handle.tune(name, value)\` set it for a run; a sink's own option comes before the initial value; a value out of bounds is
taken to the nearest bound.

| knob | what it sets | unit | initial | bounds |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
