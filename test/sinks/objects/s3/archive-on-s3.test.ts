/** The archive on a server: what it writes and what deletes take out, whatever happens to requests (PEERS P5). */
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyObjects } from '../../../../sinks/objects/verify-objects.ts'
import { errorClassOf } from '../../../../topology/model/spillway-error.ts'
import * as proxy from '../../../drills/fault-proxy.ts'
import { type Archive, apply, archiveOn, epochOf, numbersOf, retract, retracting } from '../given-objects.ts'
import { makeBucket, openProxy, openStore, s3Server } from './given-s3.ts'

const faults: readonly proxy.Fault[] = [
  proxy.slowDown,
  proxy.internalError,
  proxy.accessDenied,
  proxy.conflict,
  'resetBefore',
  'resetAfter',
  'errorAfter',
  'halfRequest',
  'halfResponse',
]

const list = Array.from({ length: 60 }, (_, offset) => ({ offset, collection: `c${offset % 30}` }))
const gone = list.filter(({ offset }) => offset % 7 === 0)
const left = list.filter(({ offset }) => offset % 7 !== 0).map(({ offset }) => offset)

/** As the engine does: the same declaration again, on the same epoch. */
const again = async (run: () => Promise<unknown>): Promise<unknown> => {
  for (;;) {
    try {
      return await run()
    } catch (error) {
      if (errorClassOf(error, 'stop') !== 'retry') throw error
    }
  }
}

const problemsOf = async ({ rows, objects }: Archive): Promise<readonly unknown[]> =>
  (await verifyObjects({ rows, objects, topology: 'demo' })).problems

describe.skipIf(s3Server === undefined)('an archive on S3', () => {
  beforeAll(makeBucket)

  test.for([1, 2, 3, 4])('holds each event once, and no deleted one, behind faults of seed %i', async (seed) => {
    const faulty = await openProxy()
    const archive = await archiveOn({ objects: await openStore({ endpoint: faulty.url }) })
    faulty.plan = proxy.seededFaults(seed, 0.25, faults)
    await apply(archive, list, epochOf(0, 60), {}, again)
    await apply(archive, gone, retracting(epochOf(0, 60)), {}, again)
    faulty.plan = () => 'pass'
    expect((await numbersOf(archive.objects)).toSorted((a, b) => a - b)).toEqual(left)
    expect(await problemsOf(archive)).toEqual([])
    await archive.objects.close()
    await faulty.close()
  })

  test('deletes of one object from two sides take out what both name', async () => {
    const archive = await archiveOn({ objects: await openStore() })
    await apply(archive, [{ offset: 0 }, { offset: 1 }, { offset: 2 }], epochOf(0, 3))
    const both = [[{ offset: 0 }], [{ offset: 2 }]].map((one) => retract(archive, one, epochOf(0, 3)))
    await Promise.all(both)
    expect(await numbersOf(archive.objects)).toEqual([1])
    await archive.objects.close()
  })
})
