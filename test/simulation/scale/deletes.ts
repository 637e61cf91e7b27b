/**
 * Ten thousand deletes an hour, as one of 200 partitions meets them: by id its own share, by filter and of whole
 * collections all of them.
 */
import { eventId } from '../../../topology/model/event-id.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import { column, type SceneResult } from './figures.ts'
import { inScaleWorld, type ScaleWorld } from './scale-world.ts'
import { cpuMsOf } from './usage.ts'

const sampleEvery = 250
const collections = 4
const pastMs = 600_000
const tenants = 10
const encoder = new TextEncoder()

interface Deletes {
  readonly count: number
  readonly entries: number
  readonly documentBytes: number
  readonly archived: number
  readonly archiveBlocks: number
  readonly textRows: number
  readonly casPerDelete: number
  readonly cas: number
  readonly ledgerBytes: number
  readonly readPerDelete: number
  readonly leftMs: number
  readonly cpuMs: number
}

/** Of every hundred: 95 by id, four by filter, one of a whole collection. */
const requestOf = (world: ScaleWorld, number: number): object => {
  const id = `delete-${number}`
  const project = `t${number % tenants}`
  const collection = `c${number % collections}`
  if (number % 100 === 99) return { id, project, collection: `c${number % collections}`, filters: [], allowScan: true }
  if (number % 25 === 24) {
    const filters = [{ property_name: 'value', operator: 'eq', property_value: number % 1_000 }]
    return { id, project, collection, filters, allowScan: true }
  }
  const end = Math.floor((world.log.endOf(0) - 1) / sampleEvery)
  const at = ((number * 7_919) % end) * sampleEvery
  const name = eventId(world.log.timeOf(0, at), partition(0), offset(at))
  const filters = [{ property_name: 'keen.id', operator: 'eq', property_value: name }]
  return { id, project, filters }
}

const put = (world: ScaleWorld, number: number): void => {
  const value = encoder.encode(JSON.stringify(requestOf(world, number)))
  world.log.put(0, { key: 'delete', headers: [['spillway-kind', 'delete']], value })
}

const isDone = (world: ScaleWorld): boolean =>
  world
    .documents()
    .every(({ deletes }) => deletes.every(({ work }) => Object.values(work).every(({ state }) => state === 'done')))

const measure = async (world: ScaleWorld, perHour: number, hours: number): Promise<Deletes> => {
  const { counts } = world
  await world.advance(60_000)
  const { cas, fetchedBytes, ledgerBytes } = counts
  const count = Math.floor(perHour * hours)
  const cpuMs = await cpuMsOf(async () => {
    for (let number = 0; number < count; number++) {
      put(world, number)
      await world.advance(3_600_000 / perHour)
    }
  })
  const casOfRun = counts.cas - cas
  const bytesOfRun = counts.ledgerBytes - ledgerBytes
  const leftMs = await world.until(() => isDone(world), 1_000, 900_000)
  const [doc] = world.documents()
  return {
    count,
    entries: counts.entriesMax,
    documentBytes: counts.documentBytesMax,
    archived: doc!.archive.reduce((sum, { records }) => sum + records, 0),
    archiveBlocks: doc!.archive.length,
    textRows: counts.rowWrites('deletes'),
    casPerDelete: casOfRun / count,
    cas: casOfRun / (hours * 3_600),
    ledgerBytes: bytesOfRun / (hours * 3_600),
    readPerDelete: (counts.fetchedBytes - fetchedBytes - hours * 3_600 * 250_000) / count,
    leftMs,
    cpuMs: cpuMs / count,
  }
}

const figuresOf = (measured: readonly Deletes[], largest: number): SceneResult['figures'] => [
  column(measured, 'entries of the list', (one) => one.entries, 300, 'linear'),
  column(measured, 'bytes of the document', (one) => one.documentBytes, 400_000, 'linear'),
  column(measured, 'blocks of the archive', (one) => one.archiveBlocks, 8 + largest / 10_000, 'none'),
  column(measured, 'rows of texts, for a delete', (one) => one.textRows / one.count, 2, 'level'),
  column(measured, 'compare-and-sets a second', (one) => one.cas, 4, 'none'),
  column(measured, 'bytes of documents written a second', (one) => one.ledgerBytes, 800_000, 'none'),
  column(measured, 'compare-and-sets for a delete', (one) => one.casPerDelete, 40, 'level'),
  column(measured, 'bytes of the log read for a delete', (one) => one.readPerDelete, 400_000_000, 'none'),
  column(measured, 'ms until the last are done', (one) => one.leftMs, 400_000, 'none'),
  column(measured, 'ms of processor for a delete', (one) => one.cpuMs, 60, 'none'),
]

const place = { partitions: 1, processes: 1, sampleEvery, tenants, collections, pastMs }

/** More deletes in the same time. */
export const denseDeletes = async (sizes: readonly number[]): Promise<SceneResult> => {
  const measured: Deletes[] = []
  for (const perHour of sizes) measured.push(await inScaleWorld(place, (world) => measure(world, perHour, 0.25)))
  const figures = figuresOf(measured, sizes.at(-1)!)
  return { scene: 'deletes, for a quarter of an hour', of: 'deletes an hour', sizes, figures }
}

/** The same for longer: what is done leaves the document, and the list does not grow. */
export const longDeletes = async (sizes: readonly number[]): Promise<SceneResult> => {
  const measured: Deletes[] = []
  for (const minutes of sizes) measured.push(await inScaleWorld(place, (world) => measure(world, 1_000, minutes / 60)))
  const level = [
    column(measured, 'entries of the list', (one) => one.entries, 150, 'level' as const),
    column(measured, 'bytes of the document', (one) => one.documentBytes, 100_000, 'level' as const),
  ]
  const figures = [...level, ...figuresOf(measured, 1_000).slice(level.length)]
  return { scene: 'a thousand deletes an hour', of: 'minutes', sizes, figures }
}
