import { describe, expect, it } from 'vitest'
import { readDeleteRequest } from '../../../../topology/model/delete-request.ts'
import { parseEventId } from '../../../../topology/model/event-id.ts'
import type { JsonObject } from '../../../../topology/model/json.ts'
import type { AppendedRecord, DrawnDelete } from '../../../../topology/testing/simulation/draw/draw-context.ts'
import { deleteClasses } from '../../../../topology/testing/simulation/draw/draw-deletes.ts'
import { drawnHistory, drawnRecords } from '../drawn-history.ts'

const isDelete = ({ record }: AppendedRecord): boolean => record.drawn.kind === 'delete'
const deleteOf = ({ record }: AppendedRecord): DrawnDelete => record.drawn as DrawnDelete // filtered before
const requestOf = ({ record }: AppendedRecord): JsonObject => JSON.parse(Buffer.from(record.value!).toString())
const deletes = drawnRecords(600, { partitions: 3 }).filter(isDelete)

/** Ids of the events that a record names. */
const idsIn = (one: AppendedRecord): readonly string[] =>
  [
    ...Buffer.from(one.record.value!)
      .toString()
      .matchAll(/"([0-9a-f]{8}-[0-9a-f-]{27})"/g),
  ].map(([, id]) => id!)

describe('deletes', () => {
  it('are of every class', () => {
    expect(new Set(deletes.map((one) => deleteOf(one).class))).toEqual(new Set(deleteClasses))
  })

  it('are taken by the reader of the log, but for those that shall be refused', () => {
    for (const one of deletes) {
      const isRefused = typeof readDeleteRequest(requestOf(one)) === 'string'
      expect(isRefused).toBe(deleteOf(one).class === 'refused')
    }
  })

  it('go to the partition that each id names, with its ids alone', () => {
    for (const one of deletes)
      for (const id of idsIn(one)) expect(parseEventId(id)?.partition).toBe(one.record.partition)
  })

  it('go to every partition when they name no id', () => {
    const whole = Array.from({ length: 200 }, (_, seed) => drawnHistory(seed, { partitions: 3 })).flat()
    const draws = whole.filter(([first]) => first !== undefined && isDelete(first) && idsIn(first).length === 0)
    for (const draw of draws) {
      const { class: kind, missing } = deleteOf(draw[0]!)
      if (kind === 'completed') continue
      expect(draw.length + missing.length).toBe(3)
      expect(missing.length > 0).toBe(kind === 'torn')
    }
  })

  it('that are torn are completed under the same id where they had not been', () => {
    let completed = 0
    for (let seed = 0; seed < 300; seed++) {
      const records = drawnHistory(seed, { partitions: 3 }).flat().filter(isDelete)
      for (const one of records.filter((record) => deleteOf(record).class === 'completed')) {
        const { id } = requestOf(one)
        const torn = records.find((record) => deleteOf(record).class === 'torn' && requestOf(record)['id'] === id)
        if (torn === undefined) continue
        completed += 1
        expect(deleteOf(torn).missing).toContain(one.record.partition)
        if (idsIn(one).length === 0) expect(requestOf(one)).toEqual(requestOf(torn))
      }
    }
    expect(completed).toBeGreaterThan(20)
  })

  it('mostly name an event that is there', () => {
    for (const kind of ['id', 'id and filter']) {
      const named = deletes.filter((one) => deleteOf(one).class === kind)
      const known = named.filter((one) => idsIn(one).every((id) => parseEventId(id)!.offset < 1_000))
      expect(known.length / named.length).toBeGreaterThan(0.9)
    }
  })
})
