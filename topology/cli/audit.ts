/** `topology audit`: whether the counts of log, event rows, objects and rollups agree, minus deletes and dead letters. */
import { readTimeframe, type Timeframe } from '../../operators/query/timeframe.ts'
import { utc } from '../../operators/query/zone.ts'
import { auditTopology } from '../audit.ts'
import type { EventLog } from '../model/ports/event-log.ts'
import type { ObjectStore } from '../model/ports/object-store.ts'
import { messageOf } from '../model/spillway-error.ts'
import type { Topology } from '../model/topology.ts'
import { openObjects } from '../resources.ts'
import { auditJson, auditText } from './audit-text.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { loadTopology } from './load-topology.ts'
import { type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatNumber } from './text-table.ts'
import { UsageProblems } from './usage-problems.ts'
import { withLogs } from './with-logs.ts'

export const audit: CommandDefinition = {
  name: 'audit',
  doc: 'Counts what came and what has arrived: per tenant, collection and window (hour of event time, of append time for objects, windows of rollups), the events of the log, minus deletes and dead letters, are compared with event rows, objects, schemas and rollups, and the counters of the ledger with the log. Works beside a run: each sink is compared up to what it has committed. Shows what differs; exit code 1 when something does. With FILE the bolts of the topology are run, and sinks behind them are compared too. Reads the log once and changes nothing.',
  arguments: [{ name: 'FILE', doc: 'of the topology, to compare sinks behind bolts as well', isRequired: false }],
  options: [
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '-c, --collection <NAME>', doc: 'only this collection; rollups count all together and are left out' },
    { flags: '-t, --timeframe <FRAME>', doc: 'only whole windows of it: START/END in ISO 8601, this_7_days, today' },
    { flags: '--all', doc: 'shows every count, not only those that differ' },
    { flags: '--verify', doc: 'reads every object back as well; else objects are counted by the manifest' },
  ],
  common: ['log', 'rows', 'objects', 'topology', 'namespace', 'json'],
  examples: [
    'topology audit',
    'topology audit topology.ts --verify',
    'topology audit --project shop --timeframe today --all',
  ],
  run: (io, input) => {
    const timeframe = input.parsed<Timeframe>('timeframe', (text) => timeframeOf(text, io.clock.nowMs()))
    return withReader<ExitCode>(io, input, async (reader) => {
      const declared = await declaredIn(io, input, reader)
      return withLogs(io, reader, (logOf) => perform(io, input, { reader, declared, timeframe, logOf }))
    })
  },
}

const timeframeOf = (text: string, nowMs: number): Timeframe | { readonly problem: string } => {
  try {
    return readTimeframe(text, nowMs, utc)
  } catch (error) {
    return { problem: messageOf(error) }
  }
}

/** The topology of FILE, which has to be the one that the configuration means. */
const declaredIn = async (io: CommandIo, input: CommandInput, { topology }: Reader): Promise<Topology | undefined> => {
  const [file] = input.operands
  if (file === undefined) return undefined
  const declared = await loadTopology(io, file)
  if (declared.name === topology.topology) return declared
  throw new UsageProblems([
    {
      at: file,
      text: `declares topology ${declared.name}, and ${topology.topology} is what was asked for`,
      hint: `\`--topology ${declared.name}\` asks for it.`,
    },
  ])
}

interface Asked {
  readonly reader: Reader
  readonly declared: Topology | undefined
  readonly timeframe: Timeframe | undefined
  readonly logOf: (spout: string) => EventLog
}

const perform = async (io: CommandIo, input: CommandInput, asked: Asked): Promise<ExitCode> => {
  const { rows, ledger, topology, configuration } = asked.reader
  const talk = createTalk(io, input.logLevel)
  let objects: ObjectStore | undefined
  try {
    if (input.flag('verify')) objects = await openObjects(configuration.objects.value, 'read', io)
    const { clock, random, signal } = io
    const report = await auditTopology({
      topology: asked.declared ?? topology.topology,
      logs: Object.fromEntries(topology.spouts.map(({ name }) => [name, asked.logOf(name)])),
      ...{ rows, ledger, objects, clock, random, signal, timeframe: asked.timeframe },
      namespace: input.text('namespace'),
      project: input.text('project'),
      collection: input.text('collection'),
      isAll: input.flag('all'),
      file: input.operands[0] ?? topology.file ?? undefined,
      report: (what, count, total) =>
        talk.progress(`${what}: ${formatNumber(count)}${total === undefined ? '' : ` of ${formatNumber(total)}`}`),
    })
    talk.clear()
    if (input.flag('json')) await printJson(io, input, auditJson(report))
    else await io.print(auditText(report))
    return report.isEqual ? 0 : 1
  } finally {
    talk.clear()
    await objects?.close()
  }
}
