/** Delete requests and jobs whose work waits by a person's will. */
import type { EngineParts } from './engine-parts.ts'

export class PausedDeletes {
  readonly #report: EngineParts['report']
  readonly #ids = new Set<string>()

  constructor(report: EngineParts['report']) {
    this.#report = report
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** False where it was so before. */
  set(id: string, isPaused: boolean): boolean {
    if (this.#ids.has(id) === isPaused) return false
    if (isPaused) this.#ids.add(id)
    else this.#ids.delete(id)
    const text = isPaused
      ? `delete ${id} is paused; \`topology deletes resume ${id}\` lets it go on`
      : `delete ${id} goes on`
    this.#report({ kind: 'delete', level: isPaused ? 'warn' : 'info', text, fields: { id, paused: isPaused } })
    return true
  }
}
