/** `topology skip`: what the log has dropped before it was read is shown, and let go when a person says so. */
import type { JsonValue } from '../model/json.ts'
import { findLost, type LostPart, type SkipPorts, skipLost } from '../skip-lost.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { tenantsText } from './tenants-text.ts'
import { formatNumber, plural, textTable } from './text-table.ts'
import { userName } from './user-name.ts'
import { withLogs } from './with-logs.ts'

export const skip: CommandDefinition = {
  name: 'skip',
  doc: 'Shows the ranges that the log has dropped before they were read, which stop a run, and changes nothing. With --yes they are recorded as lost, with who let them go and why, and the next run goes on behind them. An epoch that was under way in such a range cannot be finished: it is let go as a whole, and rows or objects may hold a part of it. There is no undo; `topology status` shows what is lost.',
  arguments: [],
  options: [
    { flags: '--topic <NAME>', doc: 'only of this topic' },
    { flags: '--partition <N>', doc: 'only of this partition; may be given several times', isRepeated: true },
    { flags: '--dry-run', doc: 'shows and changes nothing, also with --yes' },
    { flags: '--yes', doc: 'lets go what is shown' },
    { flags: '--reason <TEXT>', doc: 'why, kept with it' },
  ],
  common: ['log', 'rows', 'topology', 'json'],
  examples: [
    'topology skip',
    "topology skip --partition 3 --yes --reason 'retention was one hour too short'",
    'topology skip --json',
  ],
  run: (io, input) => {
    const partitions = readPartitions(input)
    const isDone = input.flag('yes') && !input.flag('dry-run')
    const use = (reader: Reader): Promise<ExitCode> =>
      withLogs<ExitCode>(io, reader, async (logOf) => {
        const { ledger, rows, topology } = reader
        const { clock, random } = io
        const ports = { ledger, rows, logOf, clock, random }
        const spouts = topology.spouts.map(({ name }) => name)
        const question = { topology: topology.topology, spouts, topic: input.text('topic'), partitions }
        return conclude(io, input, ports, await findLost(ports, question), isDone)
      })
    return withReader<ExitCode>(io, input, use, isDone ? 'write' : 'read')
  },
}

const readPartitions = (input: CommandInput): readonly number[] => {
  const texts = input.texts('partition')
  for (const text of texts)
    if (!/^\d+$/.test(text)) input.note({ at: '--partition', text: `${JSON.stringify(text)} is no partition` })
  return texts.map(Number)
}

const conclude = async (
  io: CommandIo,
  input: CommandInput,
  ports: SkipPorts,
  parts: readonly LostPart[],
  isDone: boolean,
): Promise<ExitCode> => {
  const talk = createTalk(io, input.logLevel)
  const why = { by: userName(io), reason: input.text('reason') ?? '' }
  if (isDone) await skipLost(ports, parts, why, io.signal)
  if (input.flag('json')) await printJson(io, input, lostJson(parts, isDone))
  else if (parts.length > 0) await io.print(lostText(parts))
  if (parts.length === 0) talk.info('nothing is lost: the log has everything that is still to be read')
  else if (isDone) talk.info(`${offsetsIn(parts)} recorded as lost; a run goes on behind them`)
  else talk.info(`${offsetsIn(parts)} lost, and nothing was changed: \`topology skip --yes\` lets them go`)
  if (!isDone && parts.some(({ lanes }) => lanes.some(({ declared }) => declared !== null)))
    talk.warn('an epoch was under way: rows and objects may hold a part of it, and later deletes do not look there')
  return 0
}

/** What several sinks have lost counts once. */
const countOf = ({ lanes }: LostPart): number => {
  let [count, behind] = [0, 0]
  for (const { at, to } of lanes.toSorted((left, right) => left.at - right.at)) {
    count += Math.max(0, to - Math.max(at, behind))
    behind = Math.max(behind, to)
  }
  return count
}

const offsetsIn = (parts: readonly LostPart[]): string => {
  const lanes = parts.reduce((sum, one) => sum + one.lanes.length, 0)
  const offsets = parts.reduce((sum, one) => sum + countOf(one), 0)
  return `${plural(offsets, 'offset')} in ${plural(lanes, 'lane')}`
}

const lostText = (parts: readonly LostPart[]): string =>
  textTable(
    [
      { title: 'PARTITION' },
      { title: 'SINK' },
      { title: 'LANE' },
      { title: 'TENANTS' },
      { title: 'LOST' },
      { title: 'OFFSETS', align: 'right' },
      { title: 'UNDER WAY TO', align: 'right' },
    ],
    parts.flatMap(({ topic, key, lanes }) =>
      lanes.map(({ sink, lane, tenants, at, to, declared }) => [
        `${topic}/${key.partition}`,
        sink,
        String(lane),
        tenantsText(tenants),
        `[${at}, ${to})`,
        formatNumber(to - at),
        declared === null ? '' : formatNumber(declared),
      ]),
    ),
  )

const lostJson = (parts: readonly LostPart[], isDone: boolean): JsonValue => ({
  skipped: isDone,
  lost: parts.flatMap(({ topic, key, start, lanes }) =>
    lanes.map(({ sink, lane, tenants, at, to, declared }) => ({
      ...{ sink, spout: key.spout, topic, partition: key.partition, lane: String(lane), tenant: tenantsText(tenants) },
      ...{ from: at, to, offsets: to - at, declared, log_start: start },
    })),
  ),
})
