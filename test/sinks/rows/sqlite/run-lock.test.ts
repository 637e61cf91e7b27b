/** One run at a time: in one process, in two, and after kill -9. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockForRun } from '../../../../sinks/rows/sqlite/run-lock.ts'
import { openSqliteRows } from '../../../../sinks/rows/sqlite/sqlite-rows.ts'
import { tempFolders } from '../../../conformance/temp-folder.ts'

const newFolder = tempFolders()
const source = new URL('../../../../sinks/rows/sqlite/run-lock.ts', import.meta.url).href

const holdInAnotherProcess = async (path: string): Promise<ChildProcess> => {
  const script = `import { lockForRun } from ${JSON.stringify(source)}
    globalThis.held = lockForRun(${JSON.stringify(path)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('a second holder is refused until the first has released', () => {
  const path = join(newFolder(), 'rows.db')
  const lock = lockForRun(path)
  expect(() => lockForRun(path)).toThrow(expect.objectContaining({ publicName: 'storeLocked', errorClass: 'stop' }))
  lock.release()
  lock.release()
  lockForRun(path).release()
})

test('another process is refused, and free again after kill -9', async () => {
  const path = join(newFolder(), 'rows.db')
  const child = await holdInAnotherProcess(path)
  expect(() => lockForRun(path)).toThrow(expect.objectContaining({ publicName: 'storeLocked' }))
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockForRun(path).release()
})

test('rows are opened and read while the lock is held', async () => {
  const path = join(newFolder(), 'rows.db')
  const lock = lockForRun(path)
  const rows = await openSqliteRows({ path })
  const reader = await openSqliteRows({ path, mode: 'read' })
  await Promise.all([reader.close(), rows.close()])
  lock.release()
})

test('a path that cannot be written is named', () => {
  expect(() => lockForRun(join(source.slice('file://'.length), 'rows.db'))).toThrow(
    expect.objectContaining({ publicName: 'pathUnusable' }),
  )
})
