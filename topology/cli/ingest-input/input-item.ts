/** One event as the input holds it, before it is judged: raw bytes and where they stand. */
export interface InputItem {
  /** The event's bytes as they are; cut short where `problem` says so. */
  readonly bytes: Uint8Array
  /** Line of the file where it begins, counted from 1. */
  readonly line: number
  /** Why it cannot be an event, where reading alone shows it. */
  readonly problem?: string
  /** Cannot be appended even as it is: no record holds it. */
  readonly isUnfit?: boolean
}

/** Items in the order of the input, some at a time. Blank lines are items without bytes, so that lines can be counted. */
export type InputItems = AsyncIterable<readonly InputItem[]>

/** Joins the parts of an item that lies across chunks, keeping at most `max` bytes: a line may be longer than memory. */
export class PartCollector {
  readonly #max: number
  #parts: Uint8Array[] = []
  #byteLength = 0
  #kept = 0

  constructor(max: number) {
    this.#max = max
  }

  /** All bytes seen, kept or not. */
  get byteLength(): number {
    return this.#byteLength
  }

  add(part: Uint8Array): void {
    this.#byteLength += part.length
    if (this.#kept > this.#max) return
    const fitting = part.subarray(0, this.#max + 1 - this.#kept)
    this.#parts.push(fitting)
    this.#kept += fitting.length
  }

  /** What was kept, with `last` behind it; begins anew. */
  take(last: Uint8Array): Uint8Array {
    this.add(last)
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#byteLength = 0
    this.#kept = 0
    return bytes
  }
}
