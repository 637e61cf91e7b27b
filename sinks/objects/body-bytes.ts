/** Collects a body into one buffer of its own, for stores that keep objects in memory. */
import type { ObjectBody } from '../../topology/model/ports/object-store.ts'

export const bodyBytes = async (body: ObjectBody): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
