/**
 * What every object store must do, clause by clause: run it on an adapter of your own.
 *
 * The heart of it: an object is whole or absent, one of many creators wins, and a replace counts only if nobody changed
 * the object meanwhile. No test framework is needed: each clause rejects with an assertion error where it is broken.
 */
import assert from 'node:assert/strict'
import type { ObjectBody, ObjectStore } from '../../model/ports/object-store.ts'

/** Makes an empty store; each clause asks for one and closes it. */
export type MakeObjectStore = () => Promise<ObjectStore>

export interface ObjectStoreClause {
  /** A sentence about the behaviour. */
  readonly name: string
  run(make: MakeObjectStore): Promise<void>
}

type ObjectStoreCheck = readonly [name: string, check: (store: ObjectStore) => Promise<void>]

const key = 'shop/2026-07-01T08Z/purchases/demo-0-1-00000000000000000000.ndjson.gz'

async function* chunksOf(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield chunk
}

const bodyOf =
  (...texts: readonly string[]): ObjectBody =>
  () =>
    chunksOf(texts.map((text) => Buffer.from(text)))

/** A body that breaks off behind its first chunk. */
const brokenBody: ObjectBody = async function* () {
  yield Buffer.from('half of ')
  throw new Error('the source of the body failed')
}

const textAt = async (store: ObjectStore, at = key): Promise<string | undefined> => {
  const found = await store.read(at)
  return found === undefined ? undefined : Buffer.from(found.bytes).toString()
}

const etagAt = async (store: ObjectStore): Promise<string> => {
  const found = await store.head(key)
  assert.ok(found)
  return found.etag
}

const findNothing = async (store: ObjectStore): Promise<void> => {
  assert.equal(await store.head(key), undefined)
  assert.equal(await store.read(key), undefined)
}

const giveBack = async (store: ObjectStore): Promise<void> => {
  const chunks = Array.from({ length: 40 }, (_, index) => `${index} ${'x'.repeat(100_000)}\n`)
  assert.equal(await store.create(key, bodyOf(...chunks), { from: '0' }), 'created')
  assert.equal(await textAt(store), chunks.join(''))
}

const keepMetadata = async (store: ObjectStore): Promise<void> => {
  const metadata = { from: '0', to: '17', sha256: 'f00d', topology: 'demo', sink: ' 100% späť "🙂", a=b ' }
  await store.create(key, bodyOf('one'), metadata)
  assert.deepEqual({ ...(await store.head(key))?.metadata }, metadata)
  assert.deepEqual({ ...(await store.read(key))?.metadata }, metadata)
}

const describeObject = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('twelve bytes'), {})
  const { key: name, etag, byteLength } = (await store.head(key)) ?? assert.fail('there is no object')
  assert.deepEqual([name, byteLength], [key, 12])
  const read = await store.read(key)
  assert.deepEqual([read?.key, read?.etag, read?.byteLength], [name, etag, byteLength])
}

const createOnce = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('first'), { by: 'first' })
  const etag = await etagAt(store)
  assert.equal(await store.create(key, bodyOf('second'), { by: 'second' }), 'exists')
  const found = await store.read(key)
  assert.deepEqual([await textAt(store), found?.metadata['by'], found?.etag], ['first', 'first', etag])
}

const keepEmpty = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf(), { count: '0' })
  assert.equal((await store.head(key))?.byteLength, 0)
  assert.equal(await store.create(key, bodyOf('bytes'), {}), 'exists')
}

const replaceExpected = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('before'), { rewrite: '0', old: 'yes' })
  const etag = await etagAt(store)
  assert.equal(await store.replace(key, etag, bodyOf('after'), { rewrite: '1' }), 'replaced')
  assert.equal(await textAt(store), 'after')
  assert.deepEqual({ ...(await store.head(key))?.metadata }, { rewrite: '1' })
}

const changeEtag = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('one'), {})
  const etags = new Set([await etagAt(store)])
  for (const text of ['other', 'another', 'same length', 'same_length']) {
    await store.replace(key, await etagAt(store), bodyOf(text), {})
    etags.add(await etagAt(store))
  }
  assert.equal(etags.size, 5)
}

const refuseStale = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('one'), { by: 'one' })
  const stale = await etagAt(store)
  await store.replace(key, stale, bodyOf('two'), { by: 'two' })
  for (const etag of [stale, 'no etag at all']) {
    assert.equal(await store.replace(key, etag, bodyOf('three'), { by: 'three' }), 'refused')
  }
  assert.deepEqual([await textAt(store), (await store.head(key))?.metadata['by']], ['two', 'two'])
}

const refuseMissing = async (store: ObjectStore): Promise<void> => {
  assert.equal(await store.replace(key, 'no etag at all', bodyOf('bytes'), {}), 'refused')
  assert.equal(await store.head(key), undefined)
}

const letOneCreate = async (store: ObjectStore): Promise<void> => {
  const names = Array.from({ length: 12 }, (_, index) => `writer ${index}`)
  const answers = await Promise.all(names.map((name) => store.create(key, bodyOf(name), { by: name })))
  const winners = names.filter((_, index) => answers[index] === 'created')
  assert.equal(winners.length, 1)
  assert.deepEqual([await textAt(store), (await store.head(key))?.metadata['by']], [winners[0], winners[0]])
}

const letOneReplace = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('start'), {})
  const names = Array.from({ length: 12 }, (_, index) => `writer ${index}`)
  const etag = await etagAt(store)
  const answers = await Promise.all(names.map((name) => store.replace(key, etag, bodyOf(name), { by: name })))
  const winners = names.filter((_, index) => answers[index] === 'replaced')
  assert.equal(winners.length, 1)
  assert.deepEqual([await textAt(store), (await store.head(key))?.metadata['by']], [winners[0], winners[0]])
}

const loseNoRemoval = async (store: ObjectStore): Promise<void> => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f']
  await store.create(key, bodyOf(lines.join('\n')), {})
  const remove = async (line: string): Promise<void> => {
    for (;;) {
      const found = (await store.read(key)) ?? assert.fail('there is no object')
      const left = Buffer.from(found.bytes).toString().split('\n')
      const text = left.filter((one) => one !== line).join('\n')
      if ((await store.replace(key, found.etag, bodyOf(text), {})) === 'replaced') return
    }
  }
  await Promise.all(lines.slice(1).map(remove))
  assert.equal(await textAt(store), 'a')
}

const showNoHalf = async (store: ObjectStore): Promise<void> => {
  await assert.rejects(() => store.create(key, brokenBody, {}))
  assert.equal(await store.head(key), undefined)
  assert.equal(await store.create(key, bodyOf('whole'), {}), 'created')
  const etag = await etagAt(store)
  await assert.rejects(() => store.replace(key, etag, brokenBody, {}))
  assert.deepEqual([await textAt(store), await etagAt(store)], ['whole', etag])
}

const pairBytesAndMetadata = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('0'), { text: '0' })
  let isOver = false
  const writeOn = async (): Promise<void> => {
    for (let round = 1; round <= 20; round++) {
      await store.replace(key, await etagAt(store), bodyOf('x'.repeat(round)), { text: 'x'.repeat(round) })
    }
    isOver = true
  }
  const readOn = async (): Promise<void> => {
    while (!isOver) {
      const found = (await store.read(key)) ?? assert.fail('the object was away')
      assert.equal(Buffer.from(found.bytes).toString(), found.metadata['text'])
    }
  }
  await Promise.all([writeOn(), readOn(), readOn()])
}

const others = ['shop/a/b.ndjson', 'shop/a/b-1.ndjson', 'shop/a.b/c', 'shop/%2E%2E%2Fx/c', 'shop-2/a/b.ndjson']

const keepKeysApart = async (store: ObjectStore): Promise<void> => {
  for (const other of others) assert.equal(await store.create(other, bodyOf(other), { name: other }), 'created')
  for (const other of others) assert.equal(await textAt(store, other), other)
  assert.equal(await store.head(key), undefined)
}

const listed = async (store: ObjectStore, prefix: string): Promise<readonly string[]> => {
  const keys: string[] = []
  for await (const object of store.list(prefix)) keys.push(object.key)
  return keys
}

const listByPrefix = async (store: ObjectStore): Promise<void> => {
  for (const other of others) await store.create(other, bodyOf('bytes'), {})
  for (const prefix of ['', 'shop', 'shop/', 'shop/a', 'shop/a/', 'shop/a/b.', 'shop/z', 'other']) {
    const expected = others.filter((other) => other.startsWith(prefix)).sort()
    assert.deepEqual((await listed(store, prefix)).toSorted(), expected)
  }
}

const listInOrder = async (store: ObjectStore): Promise<void> => {
  for (const other of others.toReversed()) await store.create(other, bodyOf('bytes'), {})
  assert.deepEqual(await listed(store, ''), others.toSorted())
}

const listDescriptions = async (store: ObjectStore): Promise<void> => {
  await store.create(key, bodyOf('bytes'), { from: '3' })
  assert.equal((await listed(store, '')).length, 1)
  for await (const object of store.list('')) {
    const { key: name, etag, byteLength } = object
    assert.deepEqual([name, etag, byteLength], [key, await etagAt(store), 5])
  }
}

const ownWhatItGot = async (store: ObjectStore): Promise<void> => {
  const bytes = Buffer.from('mine')
  const metadata: Record<string, string> = { by: 'me' }
  await store.create(key, () => chunksOf([bytes]), metadata)
  bytes.fill(0x78)
  metadata['by'] = 'somebody else'
  assert.deepEqual([await textAt(store), (await store.head(key))?.metadata['by']], ['mine', 'me'])
}

const checks: readonly ObjectStoreCheck[] = [
  ['finds nothing where there is no object', findNothing],
  ['gives back the bytes of a body of many chunks', giveBack],
  ['keeps the metadata with the object', keepMetadata],
  ['describes an object by key, etag and length', describeObject],
  ['creates an object only where there is none', createOnce],
  ['keeps an empty object as an object', keepEmpty],
  ['replaces the object whose etag is the given one, metadata and all', replaceExpected],
  ['changes the etag with every replace by other bytes', changeEtag],
  ['refuses to replace under another etag', refuseStale],
  ['refuses to replace an object that does not exist', refuseMissing],
  ['lets one of many creators win', letOneCreate],
  ['lets one of many replacers win', letOneReplace],
  ['loses no change of many who read and replace', loseNoRemoval],
  ['shows nothing of a body that breaks off', showNoHalf],
  ['never pairs bytes with the metadata of others', pairBytesAndMetadata],
  ['keeps keys apart', keepKeysApart],
  ['lists the keys of a prefix', listByPrefix],
  ['lists by key, in the order of code units', listInOrder],
  ['describes what it lists', listDescriptions],
  ['owns the bytes and metadata that it was given', ownWhatItGot],
]

const closing = (check: (store: ObjectStore) => Promise<void>): ObjectStoreClause['run'] => {
  return async (make) => {
    const store = await make()
    try {
      await check(store)
    } finally {
      await store.close()
    }
  }
}

export const objectStoreClauses: readonly ObjectStoreClause[] = checks.map(([name, check]) => ({
  name,
  run: closing(check),
}))
