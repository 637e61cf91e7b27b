/**
 * Where each collected line stands: its event's offset, its output, its place in the spill. 24 bytes a line, no objects.
 *
 * A line of weight -1 is kept as a mark of length 0 (a line holds at least a brace), so that adding and taking away are
 * one arithmetic (I-3): for each offset the last word counts, a line or a mark. An event that comes by two ways (a merge of
 * two streams) is one line, the first's.
 */
export interface LineIndex {
  readonly count: number
  readonly byteLength: number
  add(offset: number, output: number, start: number, length: number): void
  offset(line: number): number
  output(line: number): number
  start(line: number): number
  length(line: number): number
  /** A line was moved within the spill. */
  move(line: number, start: number): void
  /** Lines that are left, by ascending offset. */
  alive(): Uint32Array
  /** Marks without a line, by ascending offset: what an epoch of a delete takes out of objects. */
  missing(): Uint32Array
}

const bytesPerLine = 24

export const createLineIndex = (): LineIndex => {
  let capacity = 1024
  let offsets = new Float64Array(capacity)
  let starts = new Float64Array(capacity)
  let lengths = new Uint32Array(capacity)
  let outputs = new Uint32Array(capacity)
  let count = 0
  // As long as lines come in log order and none is taken away, every line is left and in place.
  let isPlain = true

  const grow = (): void => {
    capacity *= 2
    const grown = <Cells extends Float64Array | Uint32Array>(cells: Cells, into: Cells): Cells => {
      into.set(cells)
      return into
    }
    offsets = grown(offsets, new Float64Array(capacity))
    starts = grown(starts, new Float64Array(capacity))
    lengths = grown(lengths, new Uint32Array(capacity))
    outputs = grown(outputs, new Uint32Array(capacity))
  }

  const byOffset = (): Uint32Array => {
    const order = new Uint32Array(count)
    for (let line = 0; line < count; line++) order[line] = line
    // Equal offsets keep the order of arrival.
    return isPlain ? order : order.sort((left, right) => offsets[left]! - offsets[right]! || left - right)
  }

  /** The line or mark that stands for each offset in the end, if it is of the wanted kind. */
  const pick = (wanted: 'line' | 'mark'): Uint32Array => {
    const order = byOffset()
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

  return {
    get count() {
      return count
    },
    get byteLength() {
      return capacity * bytesPerLine
    },
    add(offset, output, start, length) {
      if (count === capacity) grow()
      if (length === 0 || (count > 0 && offset <= offsets[count - 1]!)) isPlain = false
      offsets[count] = offset
      outputs[count] = output
      starts[count] = start
      lengths[count] = length
      count++
    },
    offset: (line) => offsets[line]!,
    output: (line) => outputs[line]!,
    start: (line) => starts[line]!,
    length: (line) => lengths[line]!,
    move(line, start) {
      starts[line] = start
    },
    alive: () => (isPlain ? byOffset() : pick('line')),
    missing: () => (isPlain ? new Uint32Array(0) : pick('mark')),
  }
}
