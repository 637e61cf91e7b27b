/** Duplicates as one job: its records, and what a second sending of a broken one writes. */
import { expect, test } from 'vitest'
import { DeleteDesk } from '../topology/delete-desk.ts'
import { type DuplicatesJob, isWritten, judgeDuplicates, storedDuplicates } from '../topology/judge-duplicates.ts'
import type { EventLog } from '../topology/model/ports/event-log.ts'
import { seededRandom } from '../topology/testing/seeded-random.ts'
import { breakingIn, GivenDesk } from './given-delete-desk.ts'
import { storeEvents } from './store-events.ts'

/** `count` equal events in each of two partitions. */
const given = async (count: number): Promise<{ desk: GivenDesk; job: DuplicatesJob }> => {
  const desk = new GivenDesk(2, 2 * count)
  await storeEvents(
    desk.rows,
    Array.from({ length: 2 * count }, (_, at) => ({ at, body: '{"order":1}', partition: at % 2 })),
  )
  const paths = [['order']]
  return { desk, job: { id: 'twice', rows: desk.rows, sink: 'events', project: 'shop', collection: 'visits', paths } }
}

const openDesk = async ({ rows, clock, log }: GivenDesk, of: EventLog = log): Promise<DeleteDesk> => {
  const desk = new DeleteDesk({ logs: [of], rows, topology: 'shop', clock, random: seededRandom(1), scanRecords: 0 })
  await desk.look()
  return desk
}

test('B13: a job of many ids has few records, each with its own id and that of the job', async () => {
  const { desk, job } = await given(600)
  const open = await openDesk(desk)
  const { found, judged } = await judgeDuplicates(open, job)
  const [receipt] = await open.write([judged])
  expect([found.places.count, receipt]).toEqual([
    1_199,
    expect.objectContaining({ records: 4, written: 4, partitions: 2 }),
  ])
  const written = await desk.written()
  expect(written.map((records) => records.map(({ id, job: of }) => [id, of]))).toEqual([
    [
      ['twice/1', 'twice'],
      ['twice/2', 'twice'],
    ],
    [
      ['twice/1', 'twice'],
      ['twice/2', 'twice'],
    ],
  ])
})

test('a job that broke half way is searched again and completed; then it is the same job, complete', async () => {
  const { desk, job } = await given(2)
  const broken = await openDesk(desk, breakingIn(desk.log, 1))
  await expect(judgeDuplicates(broken, job).then(({ judged }) => broken.write([judged]))).rejects.toThrow(
    'the disk is gone',
  )
  const open = await openDesk(desk)
  const before = (await open.find('twice'))!
  expect([isWritten(before), before.recordsTotal, storedDuplicates(before)?.paths]).toEqual([false, 2, job.paths])
  const { judged } = await judgeDuplicates(open, job)
  expect(await open.write([judged])).toMatchObject([{ records: 3, written: 2, isRepeated: true }])
  expect(isWritten((await open.find('twice'))!)).toBe(true)
})
