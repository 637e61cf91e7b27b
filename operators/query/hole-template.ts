/**
 * The holes of all groups as bytes, one behind the other: a run of neighbouring holes is one copy.
 *
 * This is what makes a filled answer cost a few bytes a cell: 5,000 groups are encoded once, not once per interval.
 */
// Texts are joined in slices before they are encoded.
const sliceLength = 4_096

export class HoleTemplate {
  readonly #holes: readonly string[]
  /** Bytes of all holes before each, without separators. */
  readonly #starts: Float64Array
  #separator: string | undefined
  #separatorBytes = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(holes: readonly string[]) {
    this.#holes = holes
    this.#starts = new Float64Array(holes.length + 1)
    for (const [index, hole] of holes.entries())
      this.#starts[index + 1] = this.#starts[index]! + Buffer.byteLength(hole)
  }

  /** The holes, each with the separator in front of it; valid until the next call. */
  bytes(separator: string): Buffer {
    if (separator === this.#separator) return this.#bytes
    this.#separator = separator
    this.#separatorBytes = Buffer.byteLength(separator)
    const length = this.offset(this.#holes.length)
    if (this.#bytes.length !== length) this.#bytes = Buffer.allocUnsafe(length)
    let at = 0
    for (let from = 0; from < this.#holes.length; from += sliceLength) {
      const slice = this.#holes.slice(from, from + sliceLength)
      at += this.#bytes.write(separator + slice.join(separator), at)
    }
    return this.#bytes
  }

  /** Where a hole with its separator begins. */
  offset(hole: number): number {
    return this.#starts[hole]! + hole * this.#separatorBytes
  }

  /** Where a run of holes begins that is copied: the first of all has nothing in front of it. */
  start(hole: number): number {
    return hole === 0 ? this.#separatorBytes : this.offset(hole)
  }
}
