/** `topology replay --dry-run`: what would be read, what would be written, how long it takes, and what deletes do to it. */
import { readRunPositions } from '../../sinks/rows/run-positions.ts'
import { type ExpectedWrites, estimateReplay, type ReplayEstimate } from '../estimate-replay.ts'
import type { JsonValue } from '../model/json.ts'
import { knobValue } from '../model/knobs.ts'
import { namespacedSink } from '../model/namespace.ts'
import { formatBytes } from '../model/quantity.ts'
import { planReplay, type ReplayPlan } from '../plan-replay.ts'
import type { CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { openLedgerAndLogs } from './open-ledger-and-logs.ts'
import { printJson } from './print-json.ts'
import type { OpenReplay } from './replay.ts'
import { readReplay, replayJson, tellRange } from './replay-report.ts'
import { createTalk } from './talk.ts'
import { formatDuration, formatNumber, plural, textTable } from './text-table.ts'

export const explainReplay = async (io: CommandIo, input: CommandInput, asked: OpenReplay): Promise<ExitCode> => {
  const { topology, urls, request, configuration, file, rate } = asked
  const opened = await openLedgerAndLogs(urls, 'read')
  const talk = createTalk(io, input.logLevel)
  try {
    const { clock, random, signal } = io
    const planned = await planReplay(topology, { ...opened, clock, random }, request)
    tellRange(talk, planned, rate)
    talk.progress('a sample of the range is run dry')
    const { knobs } = configuration
    const { snapshots } = await readRunPositions(opened.rows, topology.name, clock.nowMs())
    const measured = { snapshots, shareRatio: knobValue('replay.shareRatio', knobs) }
    const ports = { logs: opened.logs, clock, random, knobs, file, signal }
    const estimate = await estimateReplay(topology, ports, planned, measured, rate ?? undefined)
    talk.clear()
    if (input.flag('json')) {
      const report = replayJson(await readReplay(opened.ledger, planned, 'planned'))
      await printJson(io, input, { ...report, ...estimateJson(planned, estimate, rate) })
    } else await io.print(estimateText(planned, estimate, rate))
    return 0
  } finally {
    talk.clear()
    await opened.close()
  }
}

const deletesOf = ({ parts }: ReplayPlan): number => parts.reduce((sum, { deletes }) => sum + deletes, 0)

const estimateJson = (
  planned: ReplayPlan,
  { records, bytes, sampled, writes, etaMs, basis }: ReplayEstimate,
  rate: number | null | undefined,
): Readonly<Record<string, JsonValue>> => ({
  records,
  bytes,
  sampled,
  rate: rate ?? null,
  eta_ms: etaMs === null ? null : [...etaMs],
  eta_basis: basis,
  deletes: deletesOf(planned),
  left_out: [...planned.leftOut],
  writes: writes.map(({ sink, events, rows, objects, objectBytes }) => ({
    sink,
    table: namespacedSink(sink, planned.request.namespace),
    events,
    rows: [...rows],
    objects: [...objects],
    object_bytes: objectBytes,
  })),
})

const estimateText = (planned: ReplayPlan, estimate: ReplayEstimate, rate: number | null | undefined): string => {
  const { records, bytes, sampled, writes, deadLetterRatio } = estimate
  const deletes = deletesOf(planned)
  const { namespace, toMs } = planned.request
  const lines = [
    ['reads', `${plural(records, 'record')}, about ${formatBytes(bytes)}`],
    ['takes', timeText(estimate, rate)],
    ...(toMs === null ? [['then', 'it follows what comes, until it is promoted or dropped'] as const] : []),
    [
      'deletes',
      deletes === 0
        ? 'none is listed that reaches the range; later ones reach the namespace too'
        : `${plural(deletes, 'delete record')} may reach the range: what they match stays deleted; later ones reach the namespace too`,
    ],
    ...(deadLetterRatio === 0
      ? []
      : [['broken', `about ${(deadLetterRatio * 100).toFixed(1)} % of the records become dead letters`] as const]),
    ...(planned.leftOut.length === 0 ? [] : [['left out', planned.leftOut.join(', ')] as const]),
  ]
  const columns = [{ title: 'SINK' }, { title: 'EVENTS', align: 'right' }, { title: 'WOULD WRITE' }] as const
  const rows = writes.map((one) => [namespacedSink(one.sink, namespace), formatNumber(one.events), writesText(one)])
  const from = records === 0 ? '' : `From a sample of ${plural(sampled, 'record')}. `
  return [
    ...planned.parts.map(({ topic, key, from, to }) => rangeLine(`${topic}/${key.partition}`, from, to)),
    ...lines.map(([name, text]) => `${name!.padEnd(9)} ${text}\n`),
    `\n${textTable(columns, rows)}\n`,
    `${from}Nothing was changed.\n`,
  ].join('')
}

const rangeLine = (place: string, from: number, to: number): string =>
  `${place}: ${from === to ? 'nothing' : `offsets [${formatNumber(from)}, ${formatNumber(to)})`}\n`

const range = ([low, high]: readonly [number, number], text: (value: number) => string): string =>
  low === high ? text(low) : `${text(low)} to ${text(high)}`

const writesText = ({ kind, rows, objects, objectBytes }: ExpectedWrites): string => {
  if (kind !== 'objects') return `${range(rows, formatNumber)} row writes`
  const made = objects[1] === 1 ? '1 object' : `${range(objects, formatNumber)} objects`
  return `${made}, ${formatBytes(objectBytes)}`
}

const timeText = ({ etaMs, basis }: ReplayEstimate, rate: number | null | undefined): string => {
  if (etaMs === null) return 'unknown: nothing has been measured here yet'
  const text = range(etaMs, formatDuration)
  if (typeof rate === 'number' && basis === 'rate') return `${text} at ${formatNumber(rate)} records a second`
  const bound = typeof rate === 'number' ? `, at most ${formatNumber(rate)} records a second` : ''
  const by = basis === 'measured' ? 'what the running processes have measured' : 'how fast the sample was'
  return `${text}: alone, or with its share beside busy live work${bound}; by ${by}`
}
