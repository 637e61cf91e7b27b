/** Callers that do as the ports ask of them: they repeat what failed with class `retry`. */
import { isDeepStrictEqual } from 'node:util'
import type { Ledger } from '../../topology/model/ports/ledger.ts'
import type { ObjectBody, ObjectMetadata, ObjectStore } from '../../topology/model/ports/object-store.ts'
import type { RowStore } from '../../topology/model/ports/row-store.ts'
import { patiently } from '../../topology/testing/conformance/event-log-under-test.ts'

/** A scan is begun again. */
export const repeatingRows = (store: RowStore): RowStore => ({
  name: store.name,
  ensureTable: (table) => patiently(() => store.ensureTable(table)),
  write: (table, rows, stamps) => patiently(() => store.write(table, rows, stamps)),
  read: (table, keys) => patiently(() => store.read(table, keys)),
  async *scan(table, range) {
    yield* await patiently(() => Array.fromAsync(store.scan(table, range)))
  },
  close: () => store.close(),
})

/** For faults after which nothing was changed: of others a caller must read again and see. */
export const repeatingLedger = (ledger: Ledger): Ledger => ({
  read: (key) => patiently(() => ledger.read(key)),
  compareAndSet: (key, expectedVer, next) => patiently(() => ledger.compareAndSet(key, expectedVer, next)),
  keys: (topology) => patiently(() => ledger.keys(topology)),
  close: () => ledger.close(),
})

/** Knows its own objects, as sinks do by their metadata: a repeated write that finds them has been successful. */
export const repeatingObjects = (store: ObjectStore): ObjectStore => {
  const isOwn = async (key: string, body: ObjectBody, metadata: ObjectMetadata): Promise<boolean> => {
    const found = await patiently(() => store.read(key))
    const bytes = Buffer.concat(await Array.fromAsync(body()))
    return found !== undefined && isDeepStrictEqual({ ...found.metadata }, { ...metadata }) && bytes.equals(found.bytes)
  }
  /** What the call answers, and whether it was repeated. */
  const told = async <Answer>(call: () => Promise<Answer>): Promise<readonly [answer: Answer, isRepeated: boolean]> => {
    let calls = 0
    const answer = await patiently(() => {
      calls += 1
      return call()
    })
    return [answer, calls > 1]
  }
  return {
    name: store.name,
    create: async (key, body, metadata) => {
      const [answer, isRepeated] = await told(() => store.create(key, body, metadata))
      return isRepeated && (await isOwn(key, body, metadata)) ? 'created' : answer
    },
    replace: async (key, etag, body, metadata) => {
      const [answer, isRepeated] = await told(() => store.replace(key, etag, body, metadata))
      return isRepeated && (await isOwn(key, body, metadata)) ? 'replaced' : answer
    },
    head: (key) => patiently(() => store.head(key)),
    read: (key) => patiently(() => store.read(key)),
    async *list(prefix) {
      yield* await patiently(() => Array.fromAsync(store.list(prefix)))
    },
    close: () => store.close(),
  }
}
