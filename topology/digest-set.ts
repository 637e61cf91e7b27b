/**
 * A set of 128-bit digests in four typed arrays: 16 bytes a slot and no object per member, so that duplicates are found
 * in collections of millions of events within the memory of one process.
 *
 * Open addressing with linear steps; digests are uniform, so their first word is the place to look.
 */

const firstSlots = 2 ** 12
// 2^26 slots of 16 bytes are 1 GiB and hold 40 million members; 5 million stand in 2^23 slots: 128 MiB, and 64 MiB more
// while the set grows into them.
const slotsMax = 2 ** 26
// Looks per member stay near two up to here.
const fullRatio = 0.6

export class DigestSet {
  #slots = firstSlots
  #words = wordsOf(firstSlots)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Whether the set takes no further member. */
  get isFull(): boolean {
    return this.#slots === slotsMax && this.#size >= slotsMax * fullRatio
  }

  /** Adds the first 16 bytes of a digest; false when they are there already. */
  add(digest: Buffer): boolean {
    if (this.#size >= this.#slots * fullRatio && this.#slots < slotsMax) this.#grow()
    const slot = this.#slotOf(readWord(digest, 0), readWord(digest, 1), readWord(digest, 2), readWord(digest, 3))
    if (slot < 0) return false
    for (let index = 0; index < 4; index += 1) this.#words[index]![slot] = readWord(digest, index)
    this.#size += 1
    return true
  }

  /** The empty slot for a digest, or -1 when it is there. */
  #slotOf(first: number, second: number, third: number, fourth: number): number {
    const [a, b, c, d] = this.#words
    const mask = this.#slots - 1
    for (let slot = first & mask; ; slot = (slot + 1) & mask) {
      // The fourth word of a member is never 0.
      if (d[slot] === 0) return slot
      if (a[slot] === first && b[slot] === second && c[slot] === third && d[slot] === fourth) return -1
    }
  }

  #grow(): void {
    const before = this.#words
    const slots = this.#slots
    this.#slots = slots * 2
    this.#words = wordsOf(this.#slots)
    for (let from = 0; from < slots; from += 1) {
      const [first, second, third, fourth] = [before[0][from]!, before[1][from]!, before[2][from]!, before[3][from]!]
      if (fourth === 0) continue
      const to = this.#slotOf(first, second, third, fourth)
      for (let index = 0; index < 4; index += 1) this.#words[index]![to] = before[index]![from]!
    }
  }
}

type Words = readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array]

const wordsOf = (slots: number): Words => [
  new Uint32Array(slots),
  new Uint32Array(slots),
  new Uint32Array(slots),
  new Uint32Array(slots),
]

/** The lowest bit of the last word is given up, so that no member looks like an empty slot. */
const readWord = (digest: Buffer, index: number): number => {
  const word = digest.readUInt32LE(index * 4)
  return index === 3 ? (word | 1) >>> 0 : word
}
