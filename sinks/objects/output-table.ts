/**
 * The outputs of an open epoch: one per project, ISO hour of append time and collection. Numbered in order of appearance;
 * `sorted` gives the order in which they are written, which is a function of the names alone (I-1).
 */
import { formatTime } from '../../topology/model/event-time.ts'

export interface ObjectOutput {
  readonly project: string
  readonly collection: string
  /** Hours since 1970 of the append time. */
  readonly hour: number
}

const hourMs = 3_600_000

/** `2026-07-01T08Z`. */
export const hourText = (hour: number): string => formatTime(hour * hourMs).replace(/:.*$/, 'Z')

export class OutputTable {
  private readonly outputs: ObjectOutput[] = []
  private readonly numbers = new Map<string, Map<string, Map<number, number>>>()
  private last: ObjectOutput | undefined
  private lastNumber = -1

  get count(): number {
    return this.outputs.length
  }

  at(number: number): ObjectOutput {
    return this.outputs[number]!
  }

  /** Number of the output of an event. Consecutive events mostly share it, so the last one is looked at first. */
  numberOf(project: string, collection: string, appendTimeMs: number): number {
    const hour = Math.floor(appendTimeMs / hourMs)
    const { last } = this
    if (last !== undefined && last.hour === hour && last.collection === collection && last.project === project) {
      return this.lastNumber
    }
    const number = this.find(project, collection, hour)
    this.last = this.outputs[number]
    this.lastNumber = number
    return number
  }

  sorted(): readonly number[] {
    const order = (left: ObjectOutput, right: ObjectOutput): number =>
      compare(left.project, right.project) || left.hour - right.hour || compare(left.collection, right.collection)
    return this.outputs.map((_, number) => number).sort((left, right) => order(this.at(left), this.at(right)))
  }

  private find(project: string, collection: string, hour: number): number {
    const byCollection = present(this.numbers, project, () => new Map<string, Map<number, number>>())
    const byHour = present(byCollection, collection, () => new Map<number, number>())
    return present(byHour, hour, () => this.outputs.push({ project, collection, hour }) - 1)
  }
}

const present = <Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value => {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
