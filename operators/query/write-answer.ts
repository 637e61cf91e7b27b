/**
 * Writes an answer as a stream of chunks: O(intervals x groups) bytes, whatever the answer holds (DOMAIN section 7).
 *
 * Between two chunks lies a bounded piece of work, so a program that gives way after each stays responsive. Asked
 * whether time is over, it ends after a whole interval: what is written is right, and the end says that more was asked.
 */
import type { AnswerStyle } from './answer-style.ts'
import { ByteChunks } from './byte-chunks.ts'
import { CellReader } from './cell-reader.ts'
import { HoleTemplate } from './hole-template.ts'
import type { RollupAnswer } from './rollup-answer.ts'

export const chunkBytes = 131_072
// Groups between two looks at the time, where there are no intervals.
const groupsBetween = 1_000

export interface WriteOptions {
  /** Asked between intervals, or every 1,000 groups: true ends the answer there. */
  readonly isOver?: () => boolean
  /** The memory of a chunk is used again as soon as the next one is asked for. Default false: chunks may be kept. */
  readonly isReused?: boolean
  /** Written behind the answer. */
  readonly after?: (end: AnswerEnd) => string
}

/** What is known once an answer is written. */
export interface AnswerEnd {
  readonly approximate: readonly string[]
  /** Where time was over: what was written, and what was asked for. */
  readonly cut?: AnswerCut
}

export interface AnswerCut {
  readonly reason: 'budget'
  readonly unit: 'intervals' | 'groups'
  readonly written: number
  readonly of: number
}

export function* writeAnswer(
  answer: RollupAnswer,
  style: AnswerStyle,
  options: WriteOptions = {},
): Generator<Uint8Array, AnswerEnd> {
  const writer = new AnswerWriter(answer, style, options)
  const chunks = writer.chunks
  chunks.text(style.open)
  const blocks = answer.intervals?.length ?? 1
  let cut: AnswerCut | undefined
  for (let index = 0; index < blocks && cut === undefined; index += 1) {
    if (answer.intervals !== undefined && index > 0 && options.isOver?.() === true)
      cut = { reason: 'budget', unit: 'intervals', written: index, of: blocks }
    else cut = yield* writer.block(index)
  }
  const end = { approximate: writer.reader.approximate(), ...(cut === undefined ? {} : { cut }) }
  chunks.text(style.close + (options.after?.(end) ?? ''))
  yield* chunks.end()
  return end
}

class AnswerWriter {
  readonly chunks: ByteChunks
  readonly reader: CellReader
  readonly #answer: RollupAnswer
  readonly #style: AnswerStyle
  readonly #isOver: () => boolean
  readonly #template: HoleTemplate | undefined

  constructor(answer: RollupAnswer, style: AnswerStyle, { isOver = () => false, isReused = false }: WriteOptions) {
    this.chunks = new ByteChunks(chunkBytes, isReused)
    this.#answer = answer
    this.#style = style
    this.#isOver = isOver
    this.reader = new CellReader(answer)
    const { hole } = this.reader
    const isFilled = answer.fill !== 'none' && answer.intervals !== undefined
    if (isFilled || answer.names.length === 0)
      this.#template = new HoleTemplate(answer.groups.map((_, group) => style.cell(group, hole)))
  }

  /** One interval, or the whole of an answer without intervals; only that is ever cut. */
  *block(index: number): Generator<Uint8Array, AnswerCut | undefined> {
    const { chunks, reader } = this
    const style = this.#style
    const template = this.#template
    const { groups, state } = this.#answer.present(index)
    const all = this.#answer.groups.length
    const { head, separator, tail } = style.block(index, (template === undefined ? groups.length : all) === 0)
    const holes = template?.bytes(separator)
    let next = 0
    chunks.text(head)
    for (let i = 0; i < groups.length; i += 1) {
      const group = groups[i]!
      if (template !== undefined && group > next)
        yield* this.#copy(holes!, template.start(next), template.offset(group))
      if (i > 0 || (template !== undefined && group > 0)) chunks.text(separator)
      chunks.text(style.cell(group, reader.read(state(i))))
      next = group + 1
      if (chunks.isFull) yield* chunks.take()
      if (!this.#mayCut(i + 1, groups.length)) continue
      chunks.text(tail)
      return { reason: 'budget', unit: 'groups', written: i + 1, of: groups.length }
    }
    if (template !== undefined && next < all) yield* this.#copy(holes!, template.start(next), template.offset(all))
    chunks.text(tail)
    return undefined
  }

  #mayCut(written: number, of: number): boolean {
    const isTime = this.#answer.intervals === undefined && written % groupsBetween === 0 && written < of
    return isTime && this.#isOver()
  }

  /** Holes, a chunk at a time. */
  #copy(holes: Buffer, from: number, to: number): Iterable<Uint8Array> {
    if (to - from > chunkBytes) return this.#copyLong(holes, from, to)
    this.chunks.copy(holes, from, to)
    return this.chunks.isFull ? this.chunks.take() : nothing
  }

  *#copyLong(holes: Buffer, from: number, to: number): Generator<Uint8Array> {
    for (let at = from; at < to; at += chunkBytes) {
      this.chunks.copy(holes, at, Math.min(to, at + chunkBytes))
      if (this.chunks.isFull) yield* this.chunks.take()
    }
  }
}

const nothing: readonly Uint8Array[] = []
