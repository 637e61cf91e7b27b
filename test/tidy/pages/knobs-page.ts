/** `docs/knobs.md`, printed from the tables of knobs, profiles and relations. */
import { type AnyKnob, isNameKnob, isNumberKnob } from '../../../topology/model/knob.ts'
import { keptByLiveLanes, profileNames, profileValues } from '../../../topology/model/knobs/profiles.ts'
import { relations } from '../../../topology/model/knobs/relations.ts'
import { knobSections } from '../../../topology/model/knobs.ts'
import { generatedNote, tableCell } from './page-parts.ts'

const number = (value: number): string => value.toLocaleString('en')

const head = (titles: readonly string[]): string => `| ${titles.join(' | ')} |\n|${' --- |'.repeat(titles.length)}\n`
const row = (cells: readonly string[]): string => `| ${cells.map(tableCell).join(' | ')} |\n`

const initialText = (knob: AnyKnob): string => {
  if (isNumberKnob(knob)) return number(knob.initial)
  return isNameKnob(knob) ? knob.initial : 'none'
}

const boundsText = (knob: AnyKnob): string => {
  if (isNumberKnob(knob)) return `${number(knob.min)} to ${number(knob.max)}`
  return isNameKnob(knob) ? knob.names.join(', ') : 'names, parted by commas'
}

const sectionText = (title: string, knobs: readonly AnyKnob[]): string => {
  const facts = head(['knob', 'what it sets', 'unit', 'initial', 'bounds', 'felt'])
  const advice = head(['knob', 'symptom', 'raising it', 'danger', 'evidence'])
  const factRows = knobs.map((knob) =>
    row([`\`${knob.name}\``, knob.effect, knob.unit, initialText(knob), boundsText(knob), knob.at]),
  )
  const adviceRows = knobs.map(({ name, symptom, raising, danger, evidence }) =>
    row([`\`${name}\``, symptom, raising, danger, evidence]),
  )
  return `## ${title}\n\n${facts}${factRows.join('')}\n${advice}${adviceRows.join('')}`
}

const profilesText = (): string => {
  const rows = Object.entries(profileValues).map(([name, values]) => row([`\`${name}\``, ...values.map(number)]))
  const kept = [...keptByLiveLanes].map((name) => `\`${name}\``).join(', ')
  return `## Profiles

A profile sets these together. \`profile.mode\` \`auto\` lets the controller choose: \`protect\` when the broker, a store or memory is in
trouble, \`catch-up\` above \`catchUp.afterMs\`, back below \`catchUp.leaveMs\`, never faster than \`profile.holdMs\`. What a person has
pinned, the run has set or the topology has declared is left alone. Live lanes keep the values of \`realtime\` for ${kept}.

${head(['knob', ...profileNames])}${rows.join('')}`
}

export const knobsPage = (): string => {
  const sections = knobSections.map(([title, knobs]) => sectionText(title, knobs))
  const relationLines = relations.map(({ text }) => `- ${text}`).join('\n')
  return `# Knobs

${generatedNote}

A knob may be turned without breaking an invariant: it changes when and how fast, never what. The value that holds is, in this order:
a pin (\`topology tune set KNOB VALUE --for 2h --because "..."\`, which always ends), a knob of the run (\`run(topology, { knobs })\`,
\`spillway.yaml\`, \`handle.tune(name, value)\`), an option of the sink, the profile, the initial value. *Felt* says when a change
acts: now, with the next batch, epoch (declared ends stay), lane, worker, or start of \`run\`.

${sections.join('\n')}
${profilesText()}
## Relations

They hold at the start and after each change. What nobody has set gives way and is lowered, which is told; values that were set
and disagree are refused, all at once, with the value to change.

${relationLines}
`
}
