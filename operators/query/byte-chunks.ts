/**
 * Collects texts and bytes into chunks of about one size, so that nothing large is ever held as one text.
 *
 * Each chunk is memory of its own, or, where memory is used again, good until the next ones are taken: hundreds of MB
 * of fresh memory would have the collector walk through all rows of an answer many times.
 */
// Small texts are joined first: one call into the encoder costs as much as many letters.
const pendingMax = 4_096

export class ByteChunks {
  readonly #size: number
  #buffer: Buffer
  #at = 0
  #pending = ''
  #full: Uint8Array[] = []
  readonly #isReused: boolean
  #lent: readonly Uint8Array[] = []
  readonly #free: Buffer[] = []

  constructor(size: number, isReused = false) {
    this.#size = size
    this.#isReused = isReused
    this.#buffer = Buffer.allocUnsafeSlow(size)
  }

  /** Whether there is a chunk to be taken. */
  get isFull(): boolean {
    return this.#full.length > 0
  }

  text(text: string): void {
    this.#pending += text
    if (this.#pending.length >= pendingMax) this.#encode()
  }

  copy(bytes: Buffer, from: number, to: number): void {
    if (this.#pending !== '') this.#encode()
    this.#put(bytes, from, to)
  }

  /** Chunks that are full. */
  take(): readonly Uint8Array[] {
    const full = this.#full
    this.#full = []
    if (this.#isReused) {
      for (const chunk of this.#lent) this.#free.push(Buffer.from(chunk.buffer))
      this.#lent = full
    }
    return full
  }

  /** The rest. */
  end(): readonly Uint8Array[] {
    if (this.#pending !== '') this.#encode()
    if (this.#at > 0) this.#full.push(this.#buffer.subarray(0, this.#at))
    this.#at = 0
    return this.take()
  }

  #encode(): void {
    const text = this.#pending
    this.#pending = ''
    // A UTF-16 unit takes three bytes at most.
    if (text.length * 3 <= this.#size - this.#at) this.#at += this.#buffer.write(text, this.#at)
    else {
      const bytes = Buffer.from(text)
      this.#put(bytes, 0, bytes.length)
    }
  }

  #put(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const length = Math.min(to - at, this.#size - this.#at)
      bytes.copy(this.#buffer, this.#at, at, at + length)
      this.#at += length
      at += length
      if (this.#at < this.#size) continue
      this.#full.push(this.#buffer)
      this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#size)
      this.#at = 0
    }
  }
}
