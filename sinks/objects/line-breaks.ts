/**
 * Finds whether a range of a buffer holds a raw line break, asking the buffer as seldom as possible.
 *
 * Events of a batch stand one behind the other in one buffer, so the next break found is remembered: a buffer without
 * breaks is searched once, not once per event.
 */
export interface ByteBreaks {
  within(buffer: Uint8Array, start: number, end: number): boolean
}

export const byteBreaks = (): ByteBreaks => {
  let searched: Uint8Array | undefined
  let view: Buffer = Buffer.alloc(0)
  let searchedFrom = 0
  let feed = 0
  let carriage = 0
  const next = (byte: number, from: number): number => {
    const found = view.indexOf(byte, from)
    return found < 0 ? Number.POSITIVE_INFINITY : found
  }
  return {
    within(buffer, start, end) {
      if (buffer !== searched || start < searchedFrom) {
        searched = buffer
        view = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        feed = carriage = -1
      }
      searchedFrom = start
      if (feed < start) feed = next(0x0a, start)
      if (carriage < start) carriage = next(0x0d, start)
      return feed < end || carriage < end
    },
  }
}
