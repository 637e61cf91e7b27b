import { describe, expect, it } from 'vitest'
import type { AppendedRecord } from '../../../../topology/testing/simulation/draw/draw-context.ts'
import { poisonClasses } from '../../../../topology/testing/simulation/draw/draw-poison.ts'
import { drawnHistory, drawnRecords } from '../drawn-history.ts'

const seeds = Array.from({ length: 60 }, (_, seed) => seed)

/** A record without the ids that it names: they tell offsets. */
const textOf = ({ record, spout }: AppendedRecord): string =>
  JSON.stringify({ ...record, spout, value: Buffer.from(record.value ?? []).toString() }).replace(
    /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    'ID',
  )

describe('the records of a history', () => {
  it('are the same for the same seed', () => {
    for (const seed of seeds) expect(drawnHistory(seed)).toEqual(drawnHistory(seed))
  })

  it('differ from seed to seed', () => {
    const texts = seeds.map((seed) => drawnHistory(seed).flat().map(textOf).join())
    expect(new Set(texts).size).toBe(seeds.length)
  })

  it('stay as they are when others are left out', () => {
    for (const seed of seeds) {
      const whole = drawnHistory(seed)
      const without = new Set([0, 3, 4, 9])
      const left = drawnHistory(seed, { without })
      for (const [index, records] of whole.entries()) expect(left[index]!.map(textOf)).toEqual(records.map(textOf))
    }
  })

  it('name an event that was left out by an id that does not exist', () => {
    const without = new Set(Array.from({ length: 20 }, (_, index) => index).filter((index) => index % 2 === 0))
    const offsets = seeds.flatMap((seed) =>
      drawnHistory(seed, { without, partitions: 1 })
        .flat()
        .filter(({ record }) => record.drawn.kind === 'delete' && record.drawn.class === 'id')
        .map(
          ({ record }) =>
            Buffer.from(record.value!)
              .toString()
              .match(/-([0-9a-f]{12})"/)![1]!,
        )
        .map((digits) => Number.parseInt(digits, 16)),
    )
    expect(offsets.some((offset) => offset < 20)).toBe(true)
    expect(offsets.some((offset) => offset >= 1_000_000)).toBe(true)
  })

  it('are events, deletes and poison of every class', () => {
    const drawn = drawnRecords(800).map(({ record }) => record.drawn)
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(['event', 'delete', 'poison']))
    const poison = new Set(drawn.flatMap((one) => (one.kind === 'poison' ? [one.class] : [])))
    expect([...poison].sort()).toEqual([...poisonClasses].sort())
  })

  it('are of few tenants and collections, some of them hot', () => {
    for (const seed of seeds) {
      const events = drawnHistory(seed)
        .flat()
        .flatMap(({ record: { drawn } }) => (drawn.kind === 'event' ? [drawn] : []))
      // Beside the drawn ones: the default project, and the name of the log.
      expect(new Set(events.map(({ project }) => project)).size).toBeLessThanOrEqual(6)
      expect(new Set(events.map(({ collection }) => collection)).size).toBeLessThanOrEqual(4)
    }
  })
})
