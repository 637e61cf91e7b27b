/** The runbook for people: what is there today, or one symptom with what was looked at, knobs and lines to type. */
import type { KnobDesk, KnobLine } from '../engine/knob-desk.ts'
import { knobNamed } from '../model/knobs/knob-setting.ts'
import type { Symptom } from '../model/runbook.ts'
import type { Finding } from '../observe/runbook/finding.ts'
import type { CheckFinding } from '../observe/runbook/runbook-findings.ts'
import { settingText } from './knob-text.ts'
import { formatDuration, textTable } from './text-table.ts'

/** Where the values and findings are from: `what 2 processes told 1.2 s ago`. */
export const sourceText = (processes: number, ageMs: number): string => {
  const who = processes === 1 ? 'the running process' : `${processes} processes`
  return `as told by ${who} ${formatDuration(Math.max(0, ageMs))} ago`
}

/** All symptoms; those that are there now are marked. */
export const symptomsText = (
  shown: readonly Symptom[],
  present: ReadonlyMap<number, Finding>,
  source: string,
): string => {
  const rows = shown.map(({ number, name }) => {
    const sign = present.get(number)
    return [sign === undefined ? '' : '!', String(number), plain(name), sign?.text ?? '']
  })
  const table = textTable(
    [{ title: '' }, { title: '#', align: 'right' }, { title: 'SYMPTOM' }, { title: 'TODAY' }],
    rows,
  )
  const first = shown.find(({ number }) => present.has(number))
  const next = `\nread one: topology runbook ${first?.number ?? shown[0]?.number ?? 1}\n`
  return `${source}\n\n${table}${next}`
}

export interface SymptomView {
  readonly findings: readonly CheckFinding[]
  readonly desk: KnobDesk
  readonly commands: readonly string[]
  readonly source: string
  readonly nowMs: number
}

export const symptomText = (symptom: Symptom, view: SymptomView): string =>
  [
    `${symptom.number}. ${plain(symptom.name)}\n`,
    `\nSay first\n  ${symptom.say}\n`,
    `\nChecks, ${view.source}\n${checksText(view.findings)}`,
    `\nWhat to do\n${symptom.steps.map((step, index) => `  ${index + 1}. ${step}\n`).join('')}`,
    `\nKnobs\n${knobsTable(symptom.knobs, view)}`,
    `\nCommands\n${view.commands.map((line) => `  ${line}\n`).join('')}`,
  ].join('')

const marks = { found: '!', fine: '-', unknown: '?' } as const

const checksText = (findings: readonly CheckFinding[]): string =>
  findings
    .map(({ check, finding }) => {
      const question = `${check.question.charAt(0).toUpperCase()}${check.question.slice(1)}?`
      if (finding !== undefined) return `  ${marks[finding.state]} ${question} ${finding.text}\n`
      return check.byHand === undefined ? `  ? ${question}\n` : `  > ${question} Look: ${check.byHand}\n`
    })
    .join('')

const knobsTable = (names: readonly string[], { desk, nowMs }: SymptomView): string =>
  textTable(
    [
      { title: '  KNOB' },
      { title: 'NOW', align: 'right' },
      { title: 'FROM' },
      { title: 'RAISING IT' },
      { title: 'DANGER' },
    ],
    names.map((name) => {
      const knob = knobNamed(name)
      const line = desk.line(name)
      return [
        `  ${name}`,
        settingText(knob, line.value),
        fromText(line, nowMs),
        plain(knob.raising),
        plain(knob.danger),
      ]
    }),
  )

/** Who says so, in a few words. */
const fromText = ({ source, pin, lowered }: KnobLine, nowMs: number): string => {
  if (lowered !== undefined) return 'lowered'
  if (pin !== undefined) return `${pin.author}, ${formatDuration(Math.max(0, pin.untilMs - nowMs))} left`
  return { pin: 'by hand', run: 'settings', profile: 'profile', initial: '-' }[source]
}

const plain = (text: string): string => text.replaceAll('`', '')
