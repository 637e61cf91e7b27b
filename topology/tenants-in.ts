/** Whose records a batch holds: asked of a decoder that refuses every record before it parses it. */
import type { Decoder } from './model/decoder.ts'
import type { RecordBatch } from './model/record.ts'

export const tenantsIn =
  (decoder: Decoder) =>
  async (batch: RecordBatch): Promise<ReadonlyMap<string, number>> => {
    const preparing = decoder.prepare?.(batch)
    if (preparing !== undefined) await preparing
    const counts = new Map<string, number>()
    decoder.decode(batch, (project) => {
      counts.set(project, (counts.get(project) ?? 0) + 1)
      return false
    })
    return counts
  }
