/** At the end of a night: every view beside what was sent, event by event, and one text for all of them. */
import { createHash } from 'node:crypto'
import { decodeObject } from '../../../sinks/objects/object-formats.ts'
import { committedObjects, readObjects } from '../../../sinks/objects/read-objects.ts'
import { eventCell, eventTable } from '../../../sinks/rows/event-table.ts'
import { readSchema } from '../../../sinks/rows/read-schema.ts'
import { TestResult } from '../../../topology/testing/test-result.ts'
import { aprilTopology, archiveSink, rollupWindowMs, rowsSink } from './april-topology.ts'
import type { AprilWorld } from './april-world.ts'
import type { Arrival } from './arrivals.ts'

export interface Audit {
  /** What differs; the first of each kind. */
  readonly problems: readonly string[]
  /** Of everything that readers see, and of what was sent as they should see it. */
  readonly digest: string
  readonly trueDigest: string
  readonly events: number
}

/** One event as a view shows it, or as it was sent. */
interface Shown {
  readonly number: number
  readonly text: string
}

export const auditNight = async (world: AprilWorld): Promise<Audit> => {
  const sent = world.arrivals.all.flat()
  const events = inOrder(sent.map(shownArrival))
  const views = {
    rows: [inOrder(rowsShown(world)), events],
    archive: [inOrder(await linesShown(world)), events],
    revenue: [(await revenueTexts(world)).toSorted(), trueRevenue(sent).toSorted()],
    schemas: [(await schemaTexts(world)).toSorted(), trueSchemas(sent).toSorted()],
  } as const
  const problems = Object.entries(views).flatMap(([name, [found, wanted]]) => differences(name, found, wanted))
  const digestOf = (side: 0 | 1): string => {
    const hash = createHash('sha256')
    for (const view of Object.values(views)) hash.update(view[side].join('\n'))
    return hash.digest('hex')
  }
  return { problems, digest: digestOf(0), trueDigest: digestOf(1), events: sent.length }
}

/** By their numbers, of which each is there once: what is there once more, or has none, comes behind. */
const inOrder = (shown: readonly Shown[]): readonly string[] => {
  const first: string[] = []
  const more: string[] = []
  for (const { number, text } of shown)
    if (Number.isSafeInteger(number) && first[number] === undefined) first[number] = text
    else more.push(text)
  return [...first.filter((text) => text !== undefined), ...more.toSorted()]
}

/** Each of them as often as it should be there. */
const differences = (view: string, found: readonly string[], wanted: readonly string[]): readonly string[] => {
  if (found.length === wanted.length && found.every((text, index) => text === wanted[index])) return []
  const left = new Map<string, number>()
  for (const one of wanted) left.set(one, (left.get(one) ?? 0) + 1)
  for (const one of found) left.set(one, (left.get(one) ?? 0) - 1)
  const missing = [...left].filter(([, count]) => count > 0)
  const more = [...left].filter(([, count]) => count < 0)
  const told = (what: string, list: typeof missing): readonly string[] =>
    list.length === 0 ? [] : [`${view}: ${list.length} ${what}, ${list[0]![0]} first`]
  return [...told('missing', missing), ...told('too many or others', more)]
}

const shownArrival = ({ tenant, collection, number, country, price, appendMs }: Arrival): Shown => ({
  number,
  text: [tenant, collection, number, country, price, appendMs].join(' '),
})

const rowsShown = ({ ports }: AprilWorld): readonly Shown[] =>
  ports.storedRows.dump(eventTable(rowsSink)).map((row) => {
    const { number, country, price } = JSON.parse(String(row[eventCell.body]))
    return { number, text: [row[0], row[1], number, country, price, row[eventCell.createdAt]].join(' ') }
  })

/** By the manifest: what stands in the store and is not committed does not count. */
const linesShown = async ({ ports }: AprilWorld): Promise<readonly Shown[]> => {
  const { storedRows: rows, ledger, objects } = ports
  const shown: Shown[] = []
  const isCommitted = await committedObjects(ledger, aprilTopology.name)
  for await (const one of readObjects({ rows, topology: aprilTopology.name, sink: archiveSink, isCommitted })) {
    const stored = await objects.read(one.key)
    if (stored === undefined) continue
    const lines = new TextDecoder().decode(await decodeObject(one.key, stored.bytes)).split('\n')
    for (const line of lines.filter((text) => text !== '')) {
      const { number, country, price, keen } = JSON.parse(line)
      const atMs = Date.parse(keen.created_at)
      shown.push({ number, text: [one.project, one.collection, number, country, price, atMs].join(' ') })
    }
  }
  return shown
}

const revenueTexts = async ({ ports }: AprilWorld): Promise<readonly string[]> => {
  const { storedRows: rows, log, ledger, objects } = ports
  const result = new TestResult(aprilTopology, { logs: { default: log }, rows, ledger, objects }, 0)
  return (await result.rows('revenue')).map((row) =>
    ['project', 'window_start', 'country', 'orders', 'revenue'].map((name) => String(row[name])).join(' '),
  )
}

const trueRevenue = (sent: readonly Arrival[]): readonly string[] => {
  const keyOf = ({ tenant, country, appendMs }: Arrival): string =>
    [tenant, Math.floor(appendMs / rollupWindowMs) * rollupWindowMs, country].join(' ')
  return [...Map.groupBy(sent, keyOf)].map(
    ([key, own]) => `${key} ${own.length} ${own.reduce((sum, { price }) => sum + price, 0)}`,
  )
}

const schemaTexts = async ({ ports, night }: AprilWorld): Promise<readonly string[]> => {
  const texts: string[] = []
  for (const { name: project } of night.tenants)
    for (const { collection, events, properties } of await readSchema({
      rows: ports.storedRows,
      sink: 'schemas',
      project,
    }))
      texts.push(`${project} ${collection} ${events} ${JSON.stringify(properties['country']?.types ?? {})}`)
  return texts
}

const trueSchemas = (sent: readonly Arrival[]): readonly string[] =>
  [...Map.groupBy(sent, ({ tenant, collection }) => `${tenant} ${collection}`)].map(
    ([key, { length }]) => `${key} ${length} ${JSON.stringify({ string: length })}`,
  )
