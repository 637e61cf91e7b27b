/** Cuts a body into buffers of equal length, one at a time, so that memory is bounded by one of them. */
import type { ObjectBody } from '../../../topology/model/ports/object-store.ts'

export interface BodyPart {
  readonly bytes: Uint8Array
  /** Nothing comes behind it. */
  readonly isLast: boolean
}

/** All but the last are `partBytes` long; an empty body is one empty part. */
export async function* bodyParts(body: ObjectBody, partBytes: number): AsyncGenerator<BodyPart, undefined> {
  let chunks: Uint8Array[] = []
  let held = 0
  for await (const chunk of body()) {
    for (let from = 0; from < chunk.length; ) {
      // A full buffer waits for a byte behind it: what ends exactly there is the last.
      if (held === partBytes) {
        yield { bytes: joined(chunks), isLast: false }
        chunks = []
        held = 0
      }
      const piece = chunk.subarray(from, from + partBytes - held)
      chunks.push(piece)
      held += piece.length
      from += piece.length
    }
  }
  yield { bytes: joined(chunks), isLast: true }
  return undefined
}

const joined = (chunks: readonly Uint8Array[]): Uint8Array => {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}
