/** Clauses of the log's contract about append times, `offsetAt` and `release`. */
import assert from 'node:assert/strict'
import type { EventLog } from '../../model/ports/event-log.ts'
import { partition } from '../../model/position.ts'
import {
  append,
  clause,
  type EventLogClause,
  type EventLogUnderTest,
  patiently,
  readAll,
  series,
} from './event-log-under-test.ts'

const one = partition(1)

/** Five appends of ten records, a second apart. */
const appendOverTime = async ({ log, passTime }: EventLogUnderTest): Promise<void> => {
  for (let index = 0; index < 5; index += 1) {
    await append(log, series(10, `${index}-`, one))
    await passTime(1_000)
  }
}

const timesOf = async (log: EventLog): Promise<readonly number[]> =>
  (await readAll(log, one)).map((each) => each.appendTimeMs)

export const eventLogTimes: readonly EventLogClause[] = [
  clause('append time: it follows the clock and never goes back in what this log appends', async (given) => {
    await appendOverTime(given)
    const times = await timesOf(given.log)
    assert.deepEqual(
      times,
      [...times].sort((left, right) => left - right),
    )
    assert.ok(times.at(-1)! - times[0]! >= 3_000)
  }),

  clause('offsetAt: it gives the first offset whose append time is at or after a time', async (given) => {
    const { log } = given
    await appendOverTime(given)
    const found = await readAll(log, one)
    for (const time of new Set(
      found.flatMap((each) => [each.appendTimeMs - 1, each.appendTimeMs, each.appendTimeMs + 1]),
    )) {
      const expected = found.find((each) => each.appendTimeMs >= time)?.offset ?? found.at(-1)!.offset + 1
      assert.equal(await patiently(() => log.offsetAt(one, time)), expected)
    }
  }),

  clause('offsetAt: it gives the end when every record is older', async (given) => {
    const { log } = given
    await appendOverTime(given)
    const { end } = await patiently(() => log.bounds(one))
    assert.equal(await patiently(() => log.offsetAt(one, Number.MAX_SAFE_INTEGER)), end)
    assert.equal(
      await patiently(() => log.offsetAt(partition(0), 0)),
      (await patiently(() => log.bounds(partition(0)))).end,
    )
  }),

  clause('offsetAt: it gives the start for a time before everything that is left', async (given) => {
    const { log, expire } = given
    await appendOverTime(given)
    await expire(one, (await readAll(log, one))[30]!.offset)
    assert.equal(await patiently(() => log.offsetAt(one, 0)), (await patiently(() => log.bounds(one))).start)
  }),

  clause('release: nothing at or above `before` is dropped', async (given) => {
    const { log, expire } = given
    await appendOverTime(given)
    const before = (await readAll(log, one))[25]!.offset
    await expire(one, before)
    await patiently(() => log.release(one, before))
    assert.ok((await patiently(() => log.bounds(one))).start <= before)
  }),

  clause('release: what the retention still keeps stays', async (given) => {
    const { log } = given
    await appendOverTime(given)
    const { start, end } = await patiently(() => log.bounds(one))
    await patiently(() => log.release(one, end))
    assert.equal((await patiently(() => log.bounds(one))).start, start)
  }),
]
