/** Input of the drills: events of about 1 KiB with a number each, the same for the same seed. */
import { seededRandom } from 'spillway/testing'

export interface DrillFile {
  /** Stands in every line, beside its number. */
  readonly name: string
  readonly project: string
  readonly collection: string
  readonly lines: readonly string[]
}

const startMs = Date.UTC(2026, 2, 14)
const hourMs = 3_600_000
const notes = ['plain', null, 7, true, ['a', { b: 1 }], 'zwölf', { deep: { er: false } }, '5']

export type DrillPlace = Omit<DrillFile, 'lines'>

/** Lines without an end, one a call. Event times jump about in three hours; amounts have sums that plain addition gets wrong. */
export const drillLines = ({ name: file }: DrillPlace, seed: number): (() => string) => {
  const random = seededRandom(seed)
  let number = 0
  return () => {
    const at = new Date(startMs + Math.floor(random.next() * 3 * hourMs)).toISOString()
    const body = {
      file,
      number: number++,
      at,
      kind: `kind ${Math.floor(random.next() * 4)}`,
      amount: random.next() < 0.1 ? 1e17 * (random.next() - 0.5) : Math.floor(random.next() * 1e4) / 100,
      note: notes[Math.floor(random.next() * notes.length)],
      pad: 'x'.repeat(400 + Math.floor(random.next() * 900)),
    }
    return JSON.stringify(body)
  }
}

export const drillFile = (place: DrillPlace, count: number, seed: number): DrillFile => {
  const next = drillLines(place, seed)
  return { ...place, lines: Array.from({ length: count }, next) }
}
