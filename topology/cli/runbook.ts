/** `topology runbook`: what to look at and what to turn, with today's values and the checks already done. */
import type { CatalogueEntry } from '../../sinks/rows/catalogue-entry.ts'
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { KnobDesk } from '../engine/knob-desk.ts'
import { formatTime } from '../model/event-time.ts'
import type { JsonValue } from '../model/json.ts'
import { knobNamed } from '../model/knobs/knob-setting.ts'
import { type Symptom, runbook as symptoms } from '../model/runbook.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { RunbookView } from '../observe/runbook/finding.ts'
import { type CheckFinding, findingsOf, presentSymptoms } from '../observe/runbook/runbook-findings.ts'
import type { OpenRows } from '../resources.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import type { Configuration } from './configuration.ts'
import { didYouMean } from './did-you-mean.ts'
import { findSymptoms } from './find-symptom.ts'
import { readKnobsNow } from './knobs-now.ts'
import { chooseTopologyIfAny, withRows } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { sourceText, symptomsText, symptomText } from './runbook-text.ts'
import { UsageProblems } from './usage-problems.ts'

export const runbook: CommandDefinition = {
  name: 'runbook',
  doc: 'Says what to do about a symptom: what to tell first, what was looked at just now and found, which knobs move it with their values of today, and the lines to type. Without a symptom: all of them, those that are there now marked.',
  arguments: [
    {
      name: 'SYMPTOM',
      doc: 'its number, its name, or what you see in your own words',
      isRequired: false,
      isRepeated: true,
    },
  ],
  options: [],
  common: ['rows', 'topology', 'json'],
  examples: [
    'topology runbook',
    'topology runbook "lag grows"',
    'topology runbook 5',
    'topology runbook memory --json --pretty',
  ],
  run: async (io, input): Promise<ExitCode> => {
    const written = input.operands.join(' ')
    const fitting = written === '' ? [] : findSymptoms(written)
    if (written !== '' && fitting.length === 0) input.note(unknownSymptom(written))
    input.check()
    const today = await lookToday(io, input)
    const [symptom, another] = fitting
    if (symptom !== undefined && another === undefined) await printOne(io, input, symptom, today)
    else await printAll(io, input, fitting, today)
    return 0
  },
}

const unknownSymptom = (written: string): { readonly at: string; readonly text: string; readonly hint: string } => {
  const words = symptoms.flatMap(({ words: others }) => others)
  return {
    at: 'SYMPTOM',
    text: `no symptom fits ${JSON.stringify(written)}${didYouMean(written, words)}`,
    hint: 'All of them: `topology runbook`.',
  }
}

interface Today {
  readonly desk: KnobDesk
  readonly source: string
  readonly nowMs: number
  /** Absent: nobody runs the topology now. */
  readonly view: RunbookView | undefined
}

/** Whatever is broken, the runbook is read: then it is told that nothing could be looked at, and why. */
const lookToday = async (io: CommandIo, input: CommandInput): Promise<Today> => {
  const nowMs = io.clock.nowMs()
  try {
    return await withRows(
      io,
      input,
      (opened, configuration, entries) => lookAt(opened, configuration, entries, nowMs),
      'read',
    )
  } catch (error) {
    if (error instanceof UsageProblems) throw error
    return { desk: new KnobDesk(), source: `nothing could be looked at: ${messageOf(error)}`, nowMs, view: undefined }
  }
}

const lookAt = async (
  { rows, ledger }: OpenRows,
  configuration: Configuration,
  entries: readonly CatalogueEntry[],
  nowMs: number,
): Promise<Today> => {
  const topology = chooseTopologyIfAny(configuration, entries)
  const none = 'nothing could be looked at: no process runs the topology now'
  if (topology === undefined) return { desk: new KnobDesk(configuration.knobs), source: none, nowMs, view: undefined }
  const { snapshots, toldAtMs = nowMs } = await readRunPositions(rows, topology.topology, nowMs)
  const { desk } = await readKnobsNow({ rows, topology, configuration }, nowMs)
  if (snapshots.length === 0) return { desk, source: none, nowMs, view: undefined }
  const partitions = (await ledger.keys(topology.topology)).length
  const source = sourceText(snapshots.length, nowMs - toldAtMs)
  return { desk, source, nowMs, view: { snapshots, knob: (name) => desk.value(name), nowMs, partitions } }
}

const printAll = async (
  io: CommandIo,
  input: CommandInput,
  fitting: readonly Symptom[],
  today: Today,
): Promise<void> => {
  const present = today.view === undefined ? new Map<number, never>() : presentSymptoms(today.view)
  const shown = fitting.length > 0 ? fitting : symptoms
  if (input.flag('json')) {
    await printJson(
      io,
      input,
      shown.map(({ number, name }) => ({
        ...{ number, symptom: name, present: present.has(number) },
        finding: present.get(number)?.text ?? null,
      })),
    )
    return
  }
  const head = fitting.length > 0 ? `${fitting.length} symptoms fit: say the number of one\n\n` : ''
  await io.print(head + symptomsText(shown, present, today.source))
}

const printOne = async (io: CommandIo, input: CommandInput, symptom: Symptom, today: Today): Promise<void> => {
  const findings = findingsOf(symptom, today.view)
  const commands = symptom.commands.map((line) => filledLine(line, findings))
  if (input.flag('json')) await printJson(io, input, symptomJson(symptom, findings, commands, today))
  else await io.print(symptomText(symptom, { findings, commands, ...today }))
}

/** Names that the checks have found stand in the lines to type. */
const filledLine = (line: string, findings: readonly CheckFinding[]): string => {
  const named = (pick: 'branch' | 'tenant' | 'process'): string | undefined =>
    findings.find(({ finding }) => finding?.[pick] !== undefined)?.finding?.[pick]
  return line
    .replace(/\bBRANCH\b/, quoted(named('branch')) ?? 'BRANCH')
    .replace(/\bTENANT\b/, quoted(named('tenant')) ?? 'TENANT')
    .replace(/\bPROCESS\b/, quoted(named('process')) ?? 'PROCESS')
}

/** As a shell takes it. */
const quoted = (name: string | undefined): string | undefined =>
  name === undefined || /^[\w.:/#@%+,-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`

const symptomJson = (
  symptom: Symptom,
  findings: readonly CheckFinding[],
  commands: readonly string[],
  { desk, view }: Today,
): JsonValue => ({
  ...{ number: symptom.number, symptom: symptom.name, say: symptom.say, steps: [...symptom.steps] },
  looked: view !== undefined,
  checks: findings.map(({ check, finding }) => ({
    ...{ question: check.question, state: finding?.state ?? 'not-looked', finding: finding?.text ?? null },
    by_hand: check.byHand ?? null,
  })),
  knobs: symptom.knobs.map((name) => {
    const { value, source, pin, lowered } = desk.line(name)
    const { unit, raising, danger, at } = knobNamed(name)
    const pinned = pin === undefined ? {} : { author: pin.author, reason: pin.reason, until: formatTime(pin.untilMs) }
    return {
      knob: name,
      value,
      unit,
      at,
      source: lowered === undefined ? source : 'lowered',
      ...pinned,
      raising,
      danger,
    }
  }),
  commands: [...commands],
})
