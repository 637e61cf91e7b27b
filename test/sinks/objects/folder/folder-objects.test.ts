import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FolderFiles, folderFiles } from '../../../../sinks/objects/folder/folder-files.ts'
import { openFolderObjects } from '../../../../sinks/objects/folder/folder-objects.ts'
import { objectKey } from '../../../../sinks/objects/object-key.ts'
import { projectNameProblem } from '../../../../topology/model/names.ts'
import type { ObjectBody, ObjectStore } from '../../../../topology/model/ports/object-store.ts'
import { crashingFiles } from './crashing-files.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-folder-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const key = 'shop/2026-07-01T08Z/purchases/demo-0-1-00000000000000000000.ndjson'

const body = (text: string): ObjectBody =>
  async function* () {
    yield Buffer.from(text)
  }

/** Files outside the hidden place, as a globbing reader sees them. */
const visibleFiles = async (): Promise<readonly string[]> => {
  const items = await readdir(folder, { recursive: true, withFileTypes: true })
  return items
    .filter((item) => item.isFile() && !item.parentPath.includes('.spillway~'))
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
    .toSorted()
}

const waitingFiles = (): Promise<readonly string[]> => readdir(join(folder, '.spillway~', 'writing'))

const replaceBy = async (store: ObjectStore, text: string): Promise<'replaced' | 'refused' | 'absent'> => {
  const found = await store.head(key)
  return found === undefined ? 'absent' : store.replace(key, found.etag, body(text), { text })
}

test('a reader of the folder sees objects as plain files and nothing else', async () => {
  const store = await openFolderObjects({ folder })
  await store.create(key, body('{"a":1}\n'), { from: '0' })
  await replaceBy(store, '{"b":1}\n')
  expect(await visibleFiles()).toEqual([key])
  expect(await readFile(join(folder, key), 'utf8')).toBe('{"b":1}\n')
  expect(await waitingFiles()).toEqual([])
})

test('another opening of the folder sees objects with their metadata', async () => {
  await (await openFolderObjects({ folder })).create(key, body('one'), { from: '7' })
  const found = await (await openFolderObjects({ folder })).head(key)
  expect(found?.metadata).toEqual({ from: '7' })
})

test.each(['../x', '/x', 'a//b', 'a/../b', 'a/./b', '', 'a/', 'a b', 'a\0b', '.spillway~/meta/x'])(
  'the key %j is refused and nothing is written',
  async (bad) => {
    const store = await openFolderObjects({ folder })
    await expect(store.create(bad, body('x'), {})).rejects.toMatchObject({ errorClass: 'stop' })
    await expect(store.read(bad)).rejects.toMatchObject({ errorClass: 'stop' })
    expect(await visibleFiles()).toEqual([])
    expect(await readdir(dirname(folder))).not.toContain('x')
  },
)

test('a name that is longer than the file system takes is of class stop', async () => {
  const store = await openFolderObjects({ folder })
  await expect(store.create(`shop/${'x'.repeat(300)}`, body('x'), {})).rejects.toMatchObject({
    code: 'SPW-0308',
    errorClass: 'stop',
  })
  expect(await waitingFiles()).toEqual([])
})

test.each(['../x', 'a/b', '😀', '.spillway~', '%2e%2e', 'x'.repeat(255)])(
  'an object of project %j stays in the folder',
  async (project) => {
    expect(projectNameProblem(project)).toBeUndefined()
    const store = await openFolderObjects({ folder })
    const epoch = { topology: '../demo', sink: 'archive', partition: 0, lane: 1, from: 0 }
    const named = objectKey(epoch, { project, collection: 'a..b', hour: 495_000 }, 0, '.ndjson')
    expect(await store.create(named, body('x'), {})).toBe('created')
    expect(await visibleFiles()).toEqual([named])
    expect(named.split('/')).toHaveLength(4)
  },
)

test('a project of 300 characters is refused before it becomes a key', () => {
  expect(projectNameProblem('x'.repeat(300))).toBeDefined()
})

test('a file of another program is never overwritten and has no metadata', async () => {
  const store = await openFolderObjects({ folder })
  await mkdir(dirname(join(folder, key)), { recursive: true })
  await writeFile(join(folder, key), 'theirs')
  expect(await store.create(key, body('ours'), { from: '0' })).toBe('exists')
  expect(await replaceBy(store, 'ours')).toBe('refused')
  expect((await store.head(key))?.metadata).toEqual({})
  expect(await readFile(join(folder, key), 'utf8')).toBe('theirs')
})

test('an object that was removed by hand can be created again', async () => {
  const store = await openFolderObjects({ folder })
  await store.create(key, body('one'), { text: 'one' })
  await rm(join(folder, 'shop'), { recursive: true })
  expect(await store.head(key)).toBeUndefined()
  expect(await store.create(key, body('two'), { text: 'two' })).toBe('created')
  expect((await store.head(key))?.metadata).toEqual({ text: 'two' })
})

test('a full disk is waited for: class retry, and nothing is left behind', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  const store = await openFolderObjects({ folder })
  const fails: ObjectBody = async function* () {
    yield Buffer.from('half')
    throw full
  }
  await expect(store.create(key, fails, {})).rejects.toMatchObject({ code: 'SPW-0301', errorClass: 'retry' })
  expect([await visibleFiles(), await waitingFiles()]).toEqual([[], []])
  expect(await store.create(key, body('whole'), {})).toBe('created')
})

test('two objects that the file system cannot tell apart stop the lane', async () => {
  const store = await openFolderObjects({ folder })
  await store.create(key, body('one'), {})
  const upper = key.replace('shop', 'SHOP')
  // What a file system without case does: both names lead to the same files.
  const blind = await openFolderObjects({
    folder,
    files: {
      ...folderFiles,
      names: (path) => folderFiles.names(path.replace('SHOP', 'shop')),
      readBytes: (path) => folderFiles.readBytes(path.replace('SHOP', 'shop')),
    },
  })
  await expect(blind.create(upper, body('two'), {})).rejects.toMatchObject({ errorClass: 'stop' })
})

describe('a process that dies between any two steps', () => {
  const story = async (store: ObjectStore): Promise<void> => {
    await store.create(key, body('one'), { text: 'one' })
    await replaceBy(store, 'two')
    await replaceBy(store, 'three')
  }

  test.each(['before', 'after'] as const)(
    'leaves whole objects, and the next one goes on (%s the step)',
    async (effect) => {
      const whole = crashingFiles(Number.POSITIVE_INFINITY, effect)
      await story(await openFolderObjects({ folder, files: whole.files }))
      for (let step = 0; step < whole.steps(); step++) {
        await rm(folder, { recursive: true, force: true })
        await mkdir(folder)
        const { files } = crashingFiles(step, effect)
        await openFolderObjects({ folder, files })
          .then(story)
          .catch(() => undefined)
        for (const file of await visibleFiles()) {
          expect(['one', 'two', 'three']).toContain(await readFile(join(folder, file), 'utf8'))
        }
        const next = await openFolderObjects({ folder, files: { ...folderFiles, isAlive: () => false } })
        expect(await waitingFiles()).toEqual([])
        const found = await next.read(key)
        if (found !== undefined) expect(Buffer.from(found.bytes).toString()).toBe(found.metadata['text'])
        expect(await next.create(key, body('one'), { text: 'one' })).toBe(found === undefined ? 'created' : 'exists')
        expect(await replaceBy(next, 'four')).toBe('replaced')
        expect(await readFile(join(folder, key), 'utf8')).toBe('four')
      }
    },
  )
})

test('a writer that wakes up late withdraws, although its place in the chain is free again', async () => {
  const other = await openFolderObjects({ folder })
  await other.create(key, body('one'), { text: 'one' })
  let isFirst = true
  const files: FolderFiles = {
    ...folderFiles,
    link: async (from, to) => {
      if (isFirst && to.endsWith('~1')) {
        isFirst = false
        for (const text of ['two', 'three', 'four']) await replaceBy(other, text)
      }
      return folderFiles.link(from, to)
    },
  }
  expect(await replaceBy(await openFolderObjects({ folder, files }), 'late')).toBe('refused')
  expect(await readFile(join(folder, key), 'utf8')).toBe('four')
  expect((await other.head(key))?.metadata).toEqual({ text: 'four' })
  expect(await waitingFiles()).toEqual([])
})

describe('what a writer left', () => {
  const leave = async (pid: number): Promise<string> => {
    const { host, token } = await folderFiles.writer()
    const name = `${host}.${pid}.${token}`
    await mkdir(join(folder, '.spillway~', 'writing'), { recursive: true })
    await writeFile(join(folder, '.spillway~', 'writing', name), 'half')
    return name
  }

  test('is removed at open when the writer is dead', async () => {
    await leave(999_999_999)
    await openFolderObjects({ folder })
    expect(await waitingFiles()).toEqual([])
  })

  test('stays while the writer lives, and so do files of others', async () => {
    const name = await leave(process.ppid)
    await writeFile(join(folder, '.spillway~', 'writing', 'notes.txt'), 'not ours')
    await openFolderObjects({ folder })
    expect((await waitingFiles()).toSorted()).toEqual([name, 'notes.txt'].toSorted())
  })
})
