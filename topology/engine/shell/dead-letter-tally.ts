/** Counts the dead letters of a run, each record once, and tells of each. */
import type { LetterLine } from '../workers/messages.ts'
import type { EngineParts } from './engine-parts.ts'

// More are counted, but not told apart from repeats: 100,000 keys are about 10 MB.
const knownMax = 100_000

export class DeadLetterTally {
  readonly #report: EngineParts['report']
  readonly #known = new Set<string>()
  #count = 0

  constructor(report: EngineParts['report']) {
    this.#report = report
  }

  get count(): number {
    return this.#count
  }

  note(letter: LetterLine): void {
    const key = `${letter.spout}/${letter.partition}/${letter.offset}`
    if (this.#known.has(key)) return
    if (this.#known.size < knownMax) this.#known.add(key)
    this.#count += 1
    const { topic, partition, cause, message } = letter
    const fields = { topic, partition, offset: letter.offset, cause, message, tenant: letter.project ?? null }
    const text = `dead letter ${topic}/${partition}@${letter.offset}: ${cause}: ${message}`
    this.#report({ kind: 'deadLetter', level: 'warn', text, fields })
  }
}
