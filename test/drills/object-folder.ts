/** The archive as a reading tool sees it: every file that a listing of the folder shows, unpacked. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const visible = /^[\w.%-]+\/\d{4}-\d\d-\d\dT\d\dZ\/[\w.%-]+\/drill-\d+-\d+-\d{20}(?:-\d+)?\.ndjson\.gz$/

export class ObjectFolder {
  readonly #folder: string
  // An object that has not changed is not unpacked again.
  readonly #read = new Map<string, readonly string[]>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Lines of all visible files; a file that is no whole object of the drill is a problem. */
  async lines(problems: string[]): Promise<readonly string[]> {
    return (await this.keys()).flatMap((key) => {
      if (!visible.test(key)) problems.push(`a reader of the folder sees ${key}`)
      try {
        return this.#linesOf(key)
      } catch (error) {
        problems.push(`${key} is no whole object: ${String(error)}`)
        return []
      }
    })
  }

  /** What a listing shows: names that begin with a dot are no part of it. */
  async keys(): Promise<readonly string[]> {
    const found: string[] = []
    const walk = (below: string): void => {
      for (const item of readdirSync(join(this.#folder, below), { withFileTypes: true })) {
        if (item.name.startsWith('.')) continue
        const key = below === '' ? item.name : `${below}/${item.name}`
        if (item.isDirectory()) walk(key)
        else found.push(key)
      }
    }
    if (statSync(this.#folder, { throwIfNoEntry: false }) !== undefined) walk('')
    return found
  }

  #linesOf(key: string): readonly string[] {
    const path = join(this.#folder, key)
    const { size, mtimeMs, ino } = statSync(path)
    const version = `${key} ${size} ${mtimeMs} ${ino}`
    const known = this.#read.get(version)
    if (known !== undefined) return known
    const text = gunzipSync(readFileSync(path)).toString('utf8')
    if (!text.endsWith('\n')) throw new Error('the last line is cut off')
    const lines = text.slice(0, -1).split('\n')
    this.#read.set(version, lines)
    return lines
  }
}
