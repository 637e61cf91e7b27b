/** The port's contract on a server, also where requests are refused, lost and broken on their way (PEERS P5). */
import { beforeAll, describe, test } from 'vitest'
import { type ObjectStoreClause, objectStoreClauses } from '../../../../topology/testing/conformance/object-store.ts'
import * as proxy from '../../../drills/fault-proxy.ts'
import { makeBucket, openProxy, openStore, patient, s3Server } from './given-s3.ts'

/** Nothing takes effect, or everything is told. */
const refusals: readonly proxy.Fault[] = [
  proxy.slowDown,
  proxy.tooMany,
  proxy.internalError,
  proxy.accessDenied,
  'resetBefore',
  'halfRequest',
  'slow',
]

/** A write may take effect though it fails: its repetition then says `exists` or `refused`. */
const lostAnswers: readonly proxy.Fault[] = ['resetAfter', 'errorAfter', 'halfResponse', proxy.conflict]

/** Clauses that ask one call for `created` or `replaced`. */
const toldByOneCall = new Set([
  'gives back the bytes of a body of many chunks',
  'replaces the object whose etag is the given one, metadata and all',
  'lets one of many creators win',
  'lets one of many replacers win',
  'shows nothing of a body that breaks off',
  'keeps keys apart',
])
const others = objectStoreClauses.filter(({ name }) => !toldByOneCall.has(name))

const runBehind = async (plan: proxy.FaultPlan, clause: ObjectStoreClause): Promise<void> => {
  const faulty = await openProxy({ slowMs: 20 })
  try {
    await clause.run(async () => {
      const store = await openStore({ endpoint: faulty.url, mode: 'write' })
      faulty.plan = plan
      return patient(store)
    })
  } finally {
    await faulty.close()
  }
}

describe.skipIf(s3Server === undefined)('object store: S3', () => {
  beforeAll(makeBucket)

  test.for(objectStoreClauses)('$name', (clause) => clause.run(() => openStore()))

  describe.for([1, 2])('seed %i', (seed) => {
    test.concurrent.for(objectStoreClauses)('$name, requests refused', (clause) =>
      runBehind(proxy.seededFaults(seed, 0.2, refusals), clause),
    )
    test.concurrent.for(others)('$name, answers lost', (clause) =>
      runBehind(proxy.seededFaults(seed, 0.2, lostAnswers), clause),
    )
  })
})
