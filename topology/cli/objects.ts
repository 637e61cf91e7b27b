/** `topology objects`: the archive by its manifest, and with --verify every object read back. */
import type { ManifestObject } from '../../sinks/objects/object-manifest.ts'
import { committedObjects, type ObjectsQuery, readObjects } from '../../sinks/objects/read-objects.ts'
import { type ObjectsVerdict, verifyObjects } from '../../sinks/objects/verify-objects.ts'
import type { JsonValue } from '../model/json.ts'
import { formatBytes } from '../model/quantity.ts'
import { openObjects } from '../resources.ts'
import type { CommandDefinition, CommandIo, ExitCode } from './command.ts'
import type { CommandInput } from './command-input.ts'
import { chooseSink, type Reader, withReader } from './open-reader.ts'
import { printJson } from './print-json.ts'
import { createTalk } from './talk.ts'
import { formatNumber, plural, textTable } from './text-table.ts'

export const objects: CommandDefinition = {
  name: 'objects',
  doc: 'Lists the objects of the archive with ranges of offsets and sizes, from the manifest: what is committed, each event in one object. --verify reads every object back and compares, and reports objects of the topology that the manifest does not name; exit code 1 when something is wrong.',
  arguments: [],
  options: [
    { flags: '--verify', doc: 'reads each object back: whole, ours, no event twice, no object beside the manifest' },
    { flags: '-p, --project <NAME>', doc: 'only this project' },
    { flags: '--sink <NAME>', doc: 'only this sink' },
    { flags: '-n, --limit <N>', doc: 'lists at most N (default: 100 for people, all with --json)' },
  ],
  common: ['rows', 'objects', 'topology', 'namespace', 'json'],
  examples: ['topology objects', 'topology objects --verify', 'topology objects --project shop --json'],
  run: (io, input) => {
    const isJson = input.flag('json')
    const initial = isJson ? Number.MAX_SAFE_INTEGER : 100
    const limit = input.count('limit', { min: 1, max: Number.MAX_SAFE_INTEGER, initial })
    return withReader<ExitCode>(io, input, async (reader) => {
      const asked = await askedObjects(input, reader)
      return input.flag('verify') ? verify(io, input, reader, asked) : list(io, input, asked, limit)
    })
  },
}

const askedObjects = async (input: CommandInput, reader: Reader): Promise<ObjectsQuery> => {
  const { rows, ledger, topology } = reader
  const name = input.text('sink')
  const project = input.text('project')
  if (name !== undefined) chooseSink(topology, 'objects sink', ({ kind }) => kind === 'objects', name)
  return {
    rows,
    topology: topology.topology,
    isCommitted: await committedObjects(ledger, topology.topology),
    ...(name === undefined ? {} : { sink: name }),
    ...(project === undefined ? {} : { project }),
    read: topology.read,
  }
}

const list = async (io: CommandIo, input: CommandInput, asked: ObjectsQuery, limit: number): Promise<ExitCode> => {
  const shown: ManifestObject[] = []
  let [count, events, bytes] = [0, 0, 0]
  for await (const object of readObjects(asked)) {
    if (io.signal.aborted) return 1
    count++
    events += object.count
    bytes += object.byteLength
    if (input.flag('json')) {
      if (count <= limit) await printJson(io, input, objectJson(object))
    } else if (shown.length < limit) shown.push(object)
  }
  if (input.flag('json')) return 0
  if (count === 0) await io.print('no objects yet\n')
  else await io.print(objectsTable(shown))
  const rest = count > shown.length ? `, the first ${shown.length} shown` : ''
  createTalk(io, input.logLevel).info(
    `${plural(count, 'object')}, ${plural(events, 'event')}, ${formatBytes(bytes)}${rest}`,
  )
  return 0
}

const objectJson = (object: ManifestObject): JsonValue => ({
  topology: object.topology,
  sink: object.sink,
  spout: object.spout,
  partition: object.partition,
  lane: object.lane,
  from: object.from,
  to: object.to,
  key: object.key,
  project: object.project,
  collection: object.collection,
  hour: object.hour,
  count: object.count,
  bytes: object.byteLength,
  sha256: object.sha256,
  rewrite: object.rewrite,
})

const objectsTable = (shown: readonly ManifestObject[]): string =>
  textTable(
    [
      { title: 'OBJECT' },
      { title: 'PARTITION', align: 'right' },
      { title: 'OFFSETS' },
      { title: 'EVENTS', align: 'right' },
      { title: 'SIZE', align: 'right' },
    ],
    shown.map((object) => [
      object.key,
      String(object.partition),
      `[${object.from}, ${object.to})`,
      formatNumber(object.count),
      formatBytes(object.byteLength),
    ]),
  )

const verify = async (io: CommandIo, input: CommandInput, reader: Reader, asked: ObjectsQuery): Promise<ExitCode> => {
  const store = await openObjects(reader.configuration.objects.value, 'read', io)
  const talk = createTalk(io, input.logLevel)
  let read = 0
  try {
    const verdict = await verifyObjects({
      ...asked,
      objects: store,
      onObject: () => talk.progress(`${formatNumber(++read)} objects read`),
    })
    talk.clear()
    await printVerdict(io, input, verdict)
    return verdict.problemCount === 0 ? 0 : 1
  } finally {
    talk.clear()
    await store.close()
  }
}

const printVerdict = async (io: CommandIo, input: CommandInput, verdict: ObjectsVerdict): Promise<void> => {
  const { objects: count, events, byteLength, problems, problemCount } = verdict
  if (input.flag('json')) {
    const listed = problems.map(({ key, problem }) => ({ key, problem }))
    return printJson(io, input, {
      objects: count,
      events,
      bytes: byteLength,
      problem_count: problemCount,
      problems: listed,
    })
  }
  const rest = problemCount > problems.length ? `${formatNumber(problemCount - problems.length)} more problems\n` : ''
  const ending = problemCount === 0 ? 'all whole, every event in one object' : plural(problemCount, 'problem')
  const sizes = `${plural(count, 'object')}, ${plural(events, 'event')}, ${formatBytes(byteLength)}`
  return io.print(`${problems.map(({ key, problem }) => `${key} ${problem}\n`).join('')}${rest}${sizes}: ${ending}\n`)
}
