/** Waits until a decoder can judge the records of a batch: what it needs may stand with a server that is away for a while. */
import type { Decoder } from '../../model/decoder.ts'
import type { RecordBatch } from '../../model/record.ts'
import type { PartitionContext } from './partition-context.ts'
import { persist } from './persist.ts'

export const prepareDecoder = async (
  { parts, signal }: Pick<PartitionContext, 'parts' | 'signal'>,
  decoder: Decoder,
  batch: RecordBatch,
): Promise<void> => {
  const first = decoder.prepare?.(batch)
  if (first === undefined) return
  let pending: Promise<void> | undefined = first
  // Nobody may come to await it.
  first.catch(() => undefined)
  await persist(parts, 'schemas', signal, async () => {
    const call = pending ?? decoder.prepare?.(batch)
    pending = undefined
    await call
  })
}
