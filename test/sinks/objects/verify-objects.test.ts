import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { committedObjects } from '../../../sinks/objects/read-objects.ts'
import { verifyObjects } from '../../../sinks/objects/verify-objects.ts'
import type { Ledger } from '../../../topology/model/ports/ledger.ts'
import type { StoredObject } from '../../../topology/model/ports/object-store.ts'
import { type Archive, apply, archiveOn, epochOf, linesOf } from './given-objects.ts'

const written = async (): Promise<Archive> => {
  const archive = await archiveOn()
  await apply(archive, [{ offset: 0 }, { offset: 1 }, { offset: 2 }], epochOf(0, 3))
  return archive
}

/** The one object, with its metadata. */
const oneObject = async ({ objects }: Archive): Promise<StoredObject | undefined> => {
  const [listed] = await Array.fromAsync(objects.list(''))
  return objects.head(listed?.key ?? '')
}

/** Puts other lines into the one object, metadata as before. */
const putLines = async (archive: Archive, lines: readonly string[]): Promise<void> => {
  const object = await oneObject(archive)
  const bytes = gzipSync(lines.map((line) => `${line}\n`).join(''))
  const body = async function* () {
    yield bytes
  }
  await archive.objects.replace(object?.key ?? '', object?.etag ?? '', body, object?.metadata ?? {})
}

const problemsOf = async ({ rows, objects }: Archive): Promise<string> =>
  (await verifyObjects({ rows, objects, topology: 'demo' })).problems.map(({ problem }) => problem).join('\n')

const firstLines = async (archive: Archive): Promise<readonly string[]> =>
  Object.values(await linesOf(archive.objects))[0] ?? []

test('an archive as it was written has no problems', async () => {
  const { rows, objects } = await written()
  const verdict = await verifyObjects({ rows, objects, topology: 'demo' })
  expect(verdict).toMatchObject({ objects: 1, events: 3, problemCount: 0, problems: [] })
})

test('an object that is gone is reported', async () => {
  const { rows } = await written()
  expect(await problemsOf({ ...(await archiveOn()), rows })).toBe('is not there')
})

test.each([
  ['a lost line', (lines: readonly string[]) => lines.slice(1), 'has 2 lines, the manifest says 3'],
  [
    'a doubled line',
    (lines: readonly string[]) => [...lines, ...lines.slice(1, 2)],
    'holds offset 1, which an object held before',
  ],
  ['a cut line', (lines: readonly string[]) => [...lines.slice(1), '{"keen":'], 'line 3 is no JSON object with keen'],
  ['an id that is not ours', () => ['{"keen":{"id":"7"}}'], 'line 1 has no keen.id of ours'],
  ['other bytes', (lines: readonly string[]) => lines.map((line) => `${line} `), 'has sha256'],
])('%s is reported', async (_, change, problem) => {
  const archive = await written()
  await putLines(archive, change(await firstLines(archive)))
  expect(await problemsOf(archive)).toContain(problem)
})

test('an event outside the range or the hour of its object is reported', async () => {
  const [archive, other] = [await written(), await archiveOn()]
  await apply(other, [{ offset: 7 }, { offset: 1, at: '2026-07-01T10:00:00.000Z' }], epochOf(0, 9))
  await putLines(archive, Object.values(await linesOf(other.objects)).flat())
  expect(await problemsOf(archive)).toContain('holds offset 7, out of its range')
  expect(await problemsOf(archive)).toContain('was appended 2026-07-01T10:00:00.000Z, not in 2026-07-01T08Z')
})

test('bytes that cannot be decompressed are reported', async () => {
  const archive = await written()
  const object = await oneObject(archive)
  const noise = async function* () {
    yield Buffer.from('noise')
  }
  await archive.objects.replace(object?.key ?? '', object?.etag ?? '', noise, object?.metadata ?? {})
  expect(await problemsOf(archive)).toContain('cannot be decompressed')
})

test('an event that two objects hold is reported, whatever their lanes', async () => {
  const archive = await written()
  await apply(archive, [{ offset: 2 }], epochOf(2, 5, { lane: 4 }))
  expect(await problemsOf(archive)).toBe('line 1 holds offset 2, which an object held before')
})

test('the ledger says which objects are committed', async () => {
  const document = { nextLane: 9, lanes: { 5: { at: 40 } } }
  const ledger = {
    keys: async () => [{ topology: 'demo', spout: 'events', partition: 0 }],
    read: async () => document,
  } as unknown as Ledger // the two calls and two fields that are read
  const isCommitted = await committedObjects(ledger, 'demo')
  const object = { spout: 'events', partition: 0, lane: 5, to: 40 } as Parameters<typeof isCommitted>[0] // what it looks at
  expect(isCommitted(object)).toBe(true)
  expect(isCommitted({ ...object, to: 41 })).toBe(false)
  expect(isCommitted({ ...object, lane: 4, to: 41 })).toBe(true)
  expect(isCommitted({ ...object, lane: 9 })).toBe(false)
  expect(isCommitted({ ...object, partition: 1 })).toBe(false)
})

/** Puts a copy of the one object under another name into the same folder of the store. */
const copyAs = async ({ objects }: Archive, rename: (name: string) => string): Promise<void> => {
  const [object] = await Array.fromAsync(objects.list(''))
  const key = object?.key ?? ''
  const at = key.lastIndexOf('/') + 1
  const found = await objects.read(key)
  const body = async function* () {
    yield found?.bytes ?? new Uint8Array()
  }
  await objects.create(key.slice(0, at) + rename(key.slice(at)), body, {})
}

test.each([
  ['a copy', (name: string) => name.replace('.ndjson', ' copy.ndjson')],
  ['an object of an epoch that nobody has finished', (name: string) => name.replace(/\d{20}/, '00000000000000000003')],
  ['another file of that name', () => 'demo.ndjson'],
])('%s is reported, because readers by prefix would take it in', async (_, rename) => {
  const archive = await written()
  await copyAs(archive, rename)
  expect(await problemsOf(archive)).toMatch(/^is not in the manifest: left by a run that was killed/)
})

test.each([
  ['of another topology', (name: string) => name.replace('demo', 'demo-eu')],
  ['of somebody else', () => 'notes.txt'],
])('an object %s is left alone', async (_, rename) => {
  const archive = await written()
  await copyAs(archive, rename)
  expect(await problemsOf(archive)).toBe('')
})

test('objects of an epoch that is not committed are known by their rows', async () => {
  const { rows, objects } = await written()
  const verdict = await verifyObjects({ rows, objects, topology: 'demo', isCommitted: () => false })
  expect(verdict).toMatchObject({ objects: 0, problemCount: 0 })
})

test('for one project only its folder is looked through', async () => {
  const archive = await written()
  await copyAs(archive, () => 'demo.ndjson')
  const asked = { rows: archive.rows, objects: archive.objects, topology: 'demo' }
  expect((await verifyObjects({ ...asked, project: 'shop' })).problemCount).toBe(1)
  expect((await verifyObjects({ ...asked, project: 'other' })).problemCount).toBe(0)
})

test('what a run has written since the manifest was read is no problem', async () => {
  const archive = await written()
  const list = archive.objects.list.bind(archive.objects)
  const late = async function* (prefix: string) {
    await apply(archive, [{ offset: 5 }], epochOf(5, 6))
    yield* list(prefix)
  }
  const objects = { ...methodsOf(archive.objects), list: late }
  expect(await problemsOf({ ...archive, objects })).toBe('')
})

const methodsOf = (objects: Archive['objects']): Archive['objects'] => ({
  name: objects.name,
  create: (...all) => objects.create(...all),
  replace: (...all) => objects.replace(...all),
  head: (key) => objects.head(key),
  read: (key) => objects.read(key),
  list: (prefix) => objects.list(prefix),
  close: () => objects.close(),
})
