/**
 * Writes rows: those of one partition together, in unlogged batches of bounded rows and bytes, many batches in flight,
 * but few of one partition: a key that hangs must not hold every permit of its host.
 *
 * A batch of one partition is one mutation of each replica: whole, and no dearer than its rows. A call resolves when all
 * of its batches have a quorum. Where one fails no more are begun, those in flight are waited for, and the caller repeats
 * the call with the same stamps (I-1). A request that a host did not take goes to another one.
 */
import type { Row } from '../../../topology/model/ports/row-store.ts'
import { errorAbout, type SpillwayError } from '../../../topology/model/spillway-error.ts'
import { checkCells, columnsOf, stampAt } from '../cells/check-cells.ts'
import { BatchFrame } from './batch-frame.ts'
import type { CassandraHost } from './cassandra-client.ts'
import { cassandraError, isOfOneHost, isStrain } from './cassandra-error.ts'
import { clusterBytes, partitionBytes, routingKeyOf } from './cell-bytes.ts'
import type { Cluster } from './cluster.ts'
import type { CqlPlan } from './cql-plan.ts'
import { groupRows } from './group-rows.ts'
import type { Permit } from './host-permits.ts'

/** Frames that are not in use, so that a stream of writes makes no new ones. */
export class FramePool {
  readonly #free: BatchFrame[] = []

  take(): BatchFrame {
    const frame = this.#free.pop() ?? new BatchFrame(frameBytesInitial)
    frame.reset()
    return frame
  }

  give(frame: BatchFrame): void {
    // Frames that a large row has made grow are let go.
    if (this.#free.length < framesKeptMax && frame.capacity <= frameBytesKept) this.#free.push(frame)
  }
}

// As many as are in flight to one host; they grow from a row to 48 KiB and a row, so 17 MiB in all.
const framesKeptMax = 256
const frameBytesInitial = 4_096
const frameBytesKept = 131_072

/** One call, and what its batches share. */
interface WriteCall {
  readonly cluster: Cluster
  readonly frames: FramePool
  readonly plan: CqlPlan
  readonly rows: readonly Row[]
  readonly stamps: number | readonly number[]
  failure: unknown
  /** Tenants of the partitions that failed, where the key of the table says them. */
  readonly failed: Set<string | undefined>
}

// Of one partition; more would wait in the queue of its replicas. One goes ahead, and as many more as were answered.
const framesPerKeyMax = 16

/** Rows and stamps are those of a checked call. Throws a `SpillwayError`. */
export const writeCqlRows = async (
  cluster: Cluster,
  frames: FramePool,
  plan: CqlPlan,
  rows: readonly Row[],
  stamps: number | readonly number[],
): Promise<void> => {
  const columns = columnsOf(plan.table)
  for (const row of rows) checkCells(plan.table, columns, row)
  const call: WriteCall = { cluster, frames, plan, rows, stamps, failure: undefined, failed: new Set() }
  const groups = groupRows(rows, plan.table.partition.length)
  let next = 0
  const work = async (): Promise<void> => {
    while (next < groups.length && call.failure === undefined) await writeGroup(call, groups[next++]!)
  }
  // More would only wait for permits.
  const atOnce = Math.min(groups.length, cluster.knob('rows.inFlightRequests'))
  await Promise.all(Array.from({ length: atOnce }, work))
  if (call.failure !== undefined) throw failureOf(call)
}

/** What hits one tenant alone names it, so that it can be moved out of the way of the others. */
const failureOf = ({ cluster, failure, failed }: WriteCall): SpillwayError => {
  const error = cassandraError(cluster.name, failure)
  const [project] = failed
  return failed.size === 1 && project !== undefined && error.errorClass === 'retry' ? errorAbout(error, project) : error
}

const tenantOf = ({ plan: { table }, rows }: WriteCall, group: readonly number[]): string | undefined => {
  const cell = rows[group[0]!]![table.partition.findIndex(({ name }) => name === 'project')]
  return typeof cell === 'string' ? cell : undefined
}

/** Bytes that begin every row of a partition, and who holds it. */
interface Place {
  readonly prefix: Buffer
  readonly routingKey: () => Buffer
}

const placeOf = ({ plan: { table } }: WriteCall, row: Row): Place => {
  const parts = partitionBytes(table, row)
  const frame = new BatchFrame(parts.reduce((sum, part) => sum + part.length + 4, 0))
  const from = frame.position
  for (const part of parts) frame.cell('bytes', part)
  return { prefix: frame.bytesFrom(from), routingKey: () => routingKeyOf(parts) }
}

/** Never rejects: the first failure is the call's. */
const writeGroup = async (call: WriteCall, group: readonly number[]): Promise<void> => {
  const { cluster, frames } = call
  const sent = new Set<Promise<void>>()
  let answered = 0
  const note = (error: unknown): void => {
    call.failure ??= error
    call.failed.add(tenantOf(call, group))
  }
  try {
    const place = placeOf(call, call.rows[group[0]!]!)
    for (let from = 0; from < group.length && call.failure === undefined; ) {
      while (sent.size >= Math.min(framesPerKeyMax, 1 + answered)) await Promise.race(sent)
      if (call.failure !== undefined) break
      const permit = await cluster.writePermits.take(hostsOf(cluster, place))
      if (call.failure !== undefined) {
        permit.end('unsent')
        break
      }
      const frame = frames.take()
      from = fillOr(call, place, group, from, frame, permit)
      const sending = sendFrame(call, place, frame, permit).then((failure) => {
        sent.delete(sending)
        if (failure === undefined) answered += 1
        else note(failure)
      })
      sent.add(sending)
    }
  } catch (error) {
    note(error)
  }
  await Promise.all(sent)
}

const hostsOf = (cluster: Cluster, { routingKey }: Place): readonly CassandraHost[] => {
  const hosts = cluster.client.hostsOf(routingKey)
  if (hosts.length === 0) throw cassandraError(cluster.name, new Error('no host of the data centre is up'))
  return hosts
}

/** Gives the permit back where rows cannot be written down. */
const fillOr = (
  call: WriteCall,
  place: Place,
  group: readonly number[],
  from: number,
  frame: BatchFrame,
  permit: Permit,
): number => {
  try {
    return fill(call, place, group, from, frame)
  } catch (error) {
    permit.end('unsent')
    throw error
  }
}

/** Rows from `from` on that fit, at least one; returns the place behind the last. */
const fill = (call: WriteCall, place: Place, group: readonly number[], from: number, frame: BatchFrame): number => {
  const { plan, rows, stamps, cluster } = call
  const bytesMax = cluster.knob('rows.batchBytes')
  const end = Math.min(group.length, from + cluster.knob('rows.batchRows'))
  let at = from
  while (at < end && !frame.isFull) {
    const index = group[at]!
    addRow(frame, plan, place.prefix, rows[index]!, stampAt(stamps, index))
    if (frame.byteLength > bytesMax && at > from) {
      frame.takeBack()
      break
    }
    at += 1
  }
  return at
}

// A component of a key that may be too long for Cassandra; shorter texts are under it in any encoding.
const lengthUnchecked = 16_384

const addRow = (frame: BatchFrame, { table, keyLength }: CqlPlan, prefix: Buffer, row: Row, stamp: number): void => {
  const { partition, cluster, columns, nulls } = table
  frame.begin(row.length + 1)
  frame.raw(prefix)
  for (let index = partition.length; index < row.length; index += 1) {
    const cell = row[index]!
    if (cell === null) {
      if (nulls === 'keep') frame.unset()
      else frame.null()
      continue
    }
    const at = index - partition.length
    const isKey = index < keyLength
    const isLong = isKey && (typeof cell === 'string' || cell instanceof Uint8Array) && cell.length > lengthUnchecked
    if (isLong) clusterBytes(table, at, cell)
    frame.cell((isKey ? cluster[at] : columns[index - keyLength])!.type, cell)
  }
  frame.integer(stamp)
}

// The replicas of a partition, of three usually.
const hostsTriedMax = 3

/** Gives its failure; never rejects. Ends the permit. */
const sendFrame = async (call: WriteCall, place: Place, frame: BatchFrame, first: Permit): Promise<unknown> => {
  const { cluster } = call
  const tried = new Set<string>()
  try {
    for (let permit = first; ; ) {
      const failure = await attempt(call, frame, permit)
      if (failure === undefined) return undefined
      tried.add(permit.host.address)
      const others = cluster.client.hostsOf(place.routingKey).filter(({ address }) => !tried.has(address))
      if (others.length === 0 || tried.size >= hostsTriedMax || !isOfOneHost(failure)) return failure
      permit = await cluster.writePermits.take(others)
    }
  } finally {
    call.frames.give(frame)
  }
}

const attempt = async ({ cluster, plan }: WriteCall, frame: BatchFrame, permit: Permit): Promise<unknown> => {
  const readTimeout = cluster.knob('rows.deadlineMs')
  try {
    await cluster.client.send(plan.insert, frame, { host: permit.host, readTimeout })
    permit.end('answered')
    return undefined
  } catch (error) {
    permit.end(isStrain(error) ? 'strained' : isOfOneHost(error) ? 'unsent' : 'answered')
    return error
  }
}
