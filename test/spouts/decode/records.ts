/** Record batches for the tests of the decoder, and what it makes of them in plain words. */

import type { DecodedBatch } from '../../../topology/model/decoder.ts'
import { type Path, parsePath } from '../../../topology/model/path.ts'
import { offset, partition } from '../../../topology/model/position.ts'
import type { Headers, LogRecord, RecordBatch } from '../../../topology/model/record.ts'
import type { LogOptions } from '../../../topology/model/topology.ts'
import type { Shapes } from '../../../topology/model/tuples.ts'
import { createDecoder } from '../../../topology/spouts/decode/create-decoder.ts'

export interface TestRecord {
  readonly value: string | Uint8Array | null
  readonly key?: string | null
  readonly headers?: Headers
  readonly appendTimeMs?: number
}

export const appendTimeMs = Date.UTC(2019, 3, 1)
const noHeaders: Headers = []

/** Records of partition 3 from offset 100 on, their values side by side in one buffer. */
export const batchOf = (records: readonly TestRecord[]): RecordBatch => {
  const values = records.map(({ value }) => (value === null ? undefined : Buffer.from(value)))
  const bytes = Buffer.concat(values.map((value) => value ?? Buffer.alloc(0)))
  let at = 0
  const list = records.map((record, index): LogRecord => {
    const value = values[index]
    const start = at
    at += value?.length ?? 0
    return {
      offset: offset(100 + index),
      appendTimeMs: record.appendTimeMs ?? appendTimeMs,
      key: record.key ?? null,
      headers: record.headers ?? noHeaders,
      bytes,
      start: value === undefined ? -1 : start,
      end: value === undefined ? -1 : at,
    }
  })
  return { partition: partition(3), from: offset(100), to: offset(100 + list.length), records: list, byteLength: at }
}

export const path = (text: string): Path => parsePath(text) ?? []

/** A decoder of topic `clicks` that lifts some paths. */
export const decoderOf = (spout: LogOptions = {}, paths: readonly string[] = [], shapes = false) =>
  createDecoder({ spout, topic: 'clicks', wanted: { paths: paths.map(path), shapes } })

export const decode = (
  records: readonly (TestRecord | string)[],
  spout: LogOptions = {},
  paths: readonly string[] = [],
  shapes = false,
): DecodedBatch =>
  decoderOf(spout, paths, shapes).decode(
    batchOf(records.map((record) => (typeof record === 'string' ? { value: record } : record))),
  )

/** The (path, type) pairs of tuple `index`, sorted. */
export const shapeOf = ({ codes, starts, names }: Shapes, index: number): string[] => {
  const pairs: string[] = []
  for (let at = starts[index]!; at < starts[index + 1]!; at += 1) {
    const { path: written, type } = names.name(codes[at]!)
    pairs.push(`${written}: ${type}`)
  }
  return pairs.sort()
}
