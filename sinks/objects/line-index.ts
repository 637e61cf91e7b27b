/**
 * Where each collected line stands: its event's offset, its output, its place in the spill. 24 bytes a line, no objects.
 *
 * A line of weight -1 is kept as a mark of length 0 (a line holds at least a brace), so that adding and taking away are
 * one arithmetic (I-3): for each offset the last word counts, a line or a mark. An event that comes by two ways (a merge of
 * two streams) is one line, the first's.
 */
const bytesPerLine = 24

export class LineIndex {
  count = 0
  #capacity = 1024
  #offsets = new Float64Array(this.#capacity)
  #starts = new Float64Array(this.#capacity)
  #lengths = new Uint32Array(this.#capacity)
  #outputs = new Uint32Array(this.#capacity)
  // As long as lines come in log order and none is taken away, every line is left and in place.
  #isPlain = true

  get byteLength(): number {
    return this.#capacity * bytesPerLine
  }

  add(offset: number, output: number, start: number, length: number): void {
    const line = this.count++
    if (line === this.#capacity) this.#grow()
    if (length === 0 || (line > 0 && offset <= this.#offsets[line - 1]!)) this.#isPlain = false
    this.#offsets[line] = offset
    this.#outputs[line] = output
    this.#starts[line] = start
    this.#lengths[line] = length
  }

  offset(line: number): number {
    return this.#offsets[line]!
  }

  output(line: number): number {
    return this.#outputs[line]!
  }

  start(line: number): number {
    return this.#starts[line]!
  }

  length(line: number): number {
    return this.#lengths[line]!
  }

  /** A line was moved within the spill. */
  move(line: number, start: number): void {
    this.#starts[line] = start
  }

  /** Lines that are left, by ascending offset. */
  alive(): Uint32Array {
    return this.#isPlain ? this.#byOffset() : this.#pick('line')
  }

  /** Marks without a line, by ascending offset: what an epoch of a delete takes out of objects. */
  missing(): Uint32Array {
    return this.#isPlain ? new Uint32Array(0) : this.#pick('mark')
  }

  #grow(): void {
    this.#capacity *= 2
    const [offsets, starts] = [new Float64Array(this.#capacity), new Float64Array(this.#capacity)]
    const [lengths, outputs] = [new Uint32Array(this.#capacity), new Uint32Array(this.#capacity)]
    offsets.set(this.#offsets)
    starts.set(this.#starts)
    lengths.set(this.#lengths)
    outputs.set(this.#outputs)
    this.#offsets = offsets
    this.#starts = starts
    this.#lengths = lengths
    this.#outputs = outputs
  }

  #byOffset(): Uint32Array {
    const order = new Uint32Array(this.count)
    for (let line = 0; line < this.count; line++) order[line] = line
    const offsets = this.#offsets
    // Equal offsets keep the order of arrival.
    return this.#isPlain ? order : order.sort((left, right) => offsets[left]! - offsets[right]! || left - right)
  }

  /** The line or mark that stands for each offset in the end, if it is of the wanted kind. */
  #pick(wanted: 'line' | 'mark'): Uint32Array {
    const [offsets, lengths] = [this.#offsets, this.#lengths]
    const order = this.#byOffset()
    let kept = 0
    for (let i = 0; i < order.length; ) {
      const offset = offsets[order[i]!]
      let standing = -1
      for (; i < order.length && offsets[order[i]!] === offset; i++) {
        const line = order[i]!
        if (standing < 0 || lengths[standing] === 0 || lengths[line] === 0) standing = line
      }
      if (lengths[standing]! > 0 === (wanted === 'line')) order[kept++] = standing
    }
    return order.subarray(0, kept)
  }
}
