/** Reads the logs of an audit once, partition by partition, as far as some sink has gone. */
import { AuditBolts } from './audit-bolts.ts'
import type { AuditCells } from './audit-cells.ts'
import type { AuditDocuments } from './audit-documents.ts'
import { countExpected, type SinkTally } from './audit-expected.ts'
import type { FoundIn } from './audit-found.ts'
import type { AuditedLog } from './audit-report.ts'
import type { AuditQuestion, AuditSubject } from './audit-subjects.ts'
import { persist } from './engine/shell/persist.ts'
import type { Decoder } from './model/decoder.ts'
import { errors } from './model/errors.ts'
import { knobValue } from './model/knobs.ts'
import { formatPath } from './model/path.ts'
import type { Clock } from './model/ports/clock.ts'
import type { EventLog } from './model/ports/event-log.ts'
import type { Random } from './model/ports/random.ts'
import type { RowStore } from './model/ports/row-store.ts'
import { offset as toOffset, partition as toPartition } from './model/position.ts'
import type { RecordBatch } from './model/record.ts'
import type { SpoutPlan } from './model/spout-plan.ts'
import type { LogOptions, Wanted } from './model/topology.ts'
import { openSchemas } from './open-schemas.ts'
import type { ServedEntry } from './served-entry.ts'
import type { AvroSchemas } from './spouts/decode/avro/avro-schemas.ts'
import { createDecoder } from './spouts/decode/create-decoder.ts'

export interface LogQuestion {
  readonly rows: RowStore
  readonly logs: Readonly<Record<string, EventLog>>
  readonly file?: string | undefined
  readonly entry: ServedEntry
  readonly subjects: readonly AuditSubject[]
  readonly plans: readonly SpoutPlan[] | undefined
  /** Where partitions began, by spout. */
  readonly starts: ReadonlyMap<string, readonly number[]>
  readonly before: AuditDocuments
  readonly after: AuditDocuments
  readonly cells: AuditCells
  readonly question: AuditQuestion
  readonly found: ReadonlyMap<AuditSubject, FoundIn>
}

export interface LogReading {
  readonly clock: Clock
  readonly random: Random
  readonly signal: AbortSignal
  readonly report: (what: string, count: number, total?: number) => void
}

export interface CountedLog {
  readonly records: number
  readonly logs: readonly AuditedLog[]
  readonly problems: readonly string[]
  /** Each sink on each partition that feeds it. */
  readonly places: readonly {
    readonly subject: AuditSubject
    readonly spout: string
    readonly partition: number
    readonly end: number
    readonly tally: SinkTally | undefined
  }[]
}

// Some batches of records are in memory at a time.
const fetchBytes = 4_194_304
const waitMs = 1_000
// A log that says it has more and gives nothing for so long is in trouble.
const emptyFetchesMax = 30

const unlistedShown = 10

interface Range extends AuditedLog {
  readonly log: EventLog
  readonly subjects: readonly AuditSubject[]
}

export const countLog = async (asked: LogQuestion, reading: LogReading): Promise<CountedLog> => {
  const ranges = await rangesOf(asked)
  const spouts = asked.entry.spouts.map(({ name, options }) => ({ name, options: options as LogOptions })) // as `log` took them
  const schemas = await openSchemas({ spouts }, asked.file)
  const total = ranges.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)
  const problems: string[] = []
  const places: CountedLog['places'][number][] = []
  let [passed, records] = [0, 0]
  for (const range of ranges) {
    const { spout, partition, subjects, from, to, end, topic } = range
    if (to > end)
      problems.push(`the ledger stands at offset ${to} of ${topic}/${partition}, and the log ends at ${end}`)
    const options = spouts.find(({ name }) => name === spout)!.options
    const note = (batch: RecordBatch): void => {
      records += batch.records.length
      reading.report('offsets of the log', passed + batch.to - from, total)
    }
    const tallies = await countRange(asked, reading, range, decoderOf(asked, range, options, schemas.get(spout)), {
      note,
      problems,
    })
    passed += Math.max(0, to - from)
    for (const subject of subjects) places.push({ subject, spout, partition, end, tally: tallies.get(subject.stored) })
  }
  const logs = ranges.map(({ log: _log, subjects: _subjects, ...rest }) => rest)
  return { records, logs, problems, places }
}

const rangesOf = async ({ entry, logs, subjects, starts, after }: LogQuestion): Promise<readonly Range[]> => {
  const ranges: Range[] = []
  for (const { name: spout } of entry.spouts) {
    const log = logs[spout] ?? logs['default']!
    const own = subjects.filter(({ spouts }) => spouts.includes(spout))
    for (let partition = 0; partition < log.partitions && own.length > 0; partition++) {
      const from = starts.get(spout)?.[partition] ?? 0
      const { end } = await log.bounds(toPartition(partition))
      const positions = own.map(({ stored }) => after.presence(stored, spout, partition)?.position ?? 0)
      const to = Math.max(from, ...positions)
      ranges.push({ spout, topic: log.topic, partition, from, to, end, log, subjects: own })
    }
  }
  return ranges
}

const decoderOf = (
  { plans }: LogQuestion,
  { spout, log, subjects }: Range,
  options: LogOptions,
  schemas: AvroSchemas | undefined,
): Decoder => {
  const planned = plans?.find((one) => one.spout.name === spout)?.wanted
  const paths = [...(planned?.paths ?? []), ...subjects.flatMap(({ counting }) => counting?.operator.reads ?? [])]
  const unique = new Map(paths.map((path) => [formatPath(path), path]))
  const wanted: Wanted = { paths: [...unique.values()], shapes: false }
  return createDecoder({ spout: options, topic: log.topic, wanted, schemas })
}

const countRange = async (
  asked: LogQuestion,
  reading: LogReading,
  range: Range,
  decoder: Decoder,
  { note, problems }: { readonly note: (batch: RecordBatch) => void; readonly problems: string[] },
): Promise<ReadonlyMap<string, SinkTally>> => {
  const { spout, partition, subjects } = range
  const { clock, random, signal } = reading
  const parts = { clock, random, knob: (name: string) => knobValue(name, {}), report: () => undefined }
  const plan = asked.plans?.find((one) => one.spout.name === spout)
  const bolts = plan && new AuditBolts(plan, partition, { ...parts, resources: { rows: asked.rows } }, signal)
  const read = recordsOf(range, (call) => persist(parts, 'log', signal, call), signal)
  const { tallies, unlisted } = await countExpected(
    {
      cells: asked.cells,
      question: asked.question,
      before: asked.before,
      after: asked.after,
      behindBolts: async ({ name }, events, isSure) => (await bolts?.behind(name, events, isSure)) ?? [],
      heldBack: async ({ name }, events) => (await bolts?.heldBack(name, events)) ?? [],
      cutOf: (subject) => asked.found.get(subject)?.cut.get(`${partition} ${spout}`) ?? [],
    },
    {
      ...{ spout, partition, subjects, decoder },
      next: async () => {
        const { value } = await read.next()
        if (value !== undefined) note(value)
        return value ?? undefined
      },
    },
  )
  for (const one of unlisted.slice(0, unlistedShown))
    problems.push(`the delete at offset ${one} of ${range.topic}/${partition} was passed and is not listed`)
  for (const what of bolts?.unsteady ?? [])
    problems.push(`bolt ${what} throws on events that were applied: it is not the same as it was, or not deterministic`)
  return tallies
}

async function* recordsOf(
  { log, partition, from, to, end, topic }: Range,
  patiently: (call: () => Promise<RecordBatch>) => Promise<RecordBatch>,
  signal: AbortSignal,
): AsyncGenerator<RecordBatch, undefined> {
  const last = Math.min(to, end)
  let [at, empty] = [from, 0]
  while (at < last) {
    const options = { maxBytes: fetchBytes, waitMs, signal, isBacklog: true }
    const batch = await patiently(() => log.fetch(toPartition(partition), toOffset(at), options))
    empty = batch.to > at ? 0 : empty + 1
    if (empty >= emptyFetchesMax) throw errors.auditLogStands({ topic, partition, offset: at, end })
    at = batch.to
    if (batch.records.length === 0) continue
    const records = batch.to <= last ? batch.records : batch.records.filter((record) => record.offset < last)
    yield { ...batch, records, to: toOffset(Math.min(batch.to, last)) }
  }
  return undefined
}
