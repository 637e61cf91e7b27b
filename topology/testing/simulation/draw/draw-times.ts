/** Event times of a history: a few instants that many events share or lie near, in windows of every length, before and after now. */
import { formatTime } from '../../../model/event-time.ts'
import type { Draw } from './draw.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

// Beside now: the same minute, hour, day, month, year and others, so that windows of each length hold several.
const near = [0, 20_000, minute, -minute, 90_000]
const far = [
  hour,
  -hour,
  -5 * hour,
  day,
  -day,
  -6 * day,
  -40 * day,
  40 * day,
  -366 * day,
  400 * day,
  -20_000 * day,
  3_000 * day,
]
// One ms on either side of the start of a window is another window.
const jitters = [0, 0, 1, -1, 999, 30_000]

export class DrawTimes {
  readonly #instants: readonly number[]

  constructor(draw: Draw, startMs: number) {
    const offsets = [...draw.some(near, 1, 3), ...draw.some(far, 0, 3)]
    this.#instants = offsets.map((ms) => startMs + ms)
  }

  timeMs(draw: Draw): number {
    return this.#instants[draw.skewed(this.#instants.length)]! + draw.of(jitters)
  }
}

/** A time as clients write it. */
export const timeText = (draw: Draw, timeMs: number): string => {
  const text = formatTime(timeMs)
  const form = draw.below(8)
  if (form === 0) return text.replace('T', ' ').replace('Z', '')
  if (form === 1) return `${formatTime(timeMs + 2 * hour).slice(0, -1)}+02:00`
  return text
}
