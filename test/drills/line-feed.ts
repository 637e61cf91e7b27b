/**
 * Events that come as long as a drill needs them: `topology ingest` fed on stdin at a pace, so that the log grows while
 * processes and servers are disturbed. Knows every line that it has fed.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { CliProcess } from './cli-process.ts'
import { type DrillPlace, drillLines } from './drill-lines.ts'

export interface LineFeedOptions {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly seed: number
  readonly linesPerSecond: number
}

const places = [
  { name: 'ann', project: 'north', collection: 'things' },
  { name: 'bob', project: 'south/west', collection: 'parts' },
]
const beatMs = 100

export class LineFeed {
  readonly #options: LineFeedOptions
  /** All lines that were fed. */
  readonly lines: string[] = []
  readonly #problems: string[] = []
  #isOpen = true
  readonly #ended: Promise<unknown>

  constructor(options: LineFeedOptions) {
    this.#options = options
    const seeds = places.map((_, index) => options.seed * places.length + index)
    this.#ended = Promise.all(places.map((place, index) => this.#feed(place, seeds[index]!)))
  }

  /** Feeds no more; resolves when everything is durable. Gives what went wrong. */
  async end(): Promise<readonly string[]> {
    this.#isOpen = false
    await this.#ended
    return this.#problems
  }

  async #feed(place: DrillPlace, seed: number): Promise<void> {
    const { folder, env, linesPerSecond } = this.#options
    const where = ['-p', place.project, '-c', place.collection]
    const words = ['ingest', '-', ...where, '--time', 'at', '--key', 'number', '--log-level', 'debug']
    const child = new CliProcess(folder, words, env)
    const perBeat = Math.ceil((linesPerSecond / places.length / 1_000) * beatMs)
    const line = drillLines(place, seed)
    while (this.#isOpen && !child.isOver) {
      const next = Array.from({ length: perBeat }, line)
      child.write(next.map((text) => `${text}\n`).join(''))
      this.lines.push(...next)
      await pause(beatMs)
    }
    child.end()
    const { code, stderr } = await child.ended
    if (code !== 0) this.#problems.push(`ingest of ${place.name} ended with ${code}: ${stderr.slice(-2_000)}`)
  }
}
