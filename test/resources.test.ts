import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLog, openResources, openRows } from '../topology/resources.ts'

const folder = mkdtempSync(join(tmpdir(), 'spillway-resources-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the number of partitions comes from the URL', async () => {
  const log = await openLog(`file:${join(folder, 'log')}?partitions=2`)
  expect(log.partitions).toBe(2)
  await log.close()
  const again = await openLog(`file:${join(folder, 'log')}`)
  expect(again.partitions).toBe(2)
  await again.close()
  await expect(openLog(`file:${join(folder, 'log')}?partitions=3`)).rejects.toMatchObject({
    code: 'SPW-0206',
    message: expect.stringContaining('the log has 2 partitions, not 3'),
    hint: expect.stringContaining('leave `?partitions=` out'),
  })
})

test('reading makes nothing: what is not there is a problem of configuration', async () => {
  await expect(openLog(`file:${join(folder, 'none')}`, { mode: 'read' })).rejects.toMatchObject({ code: 'SPW-0501' })
  await expect(openRows(`sqlite:${join(folder, 'none.db')}`, 'read')).rejects.toMatchObject({ code: 'SPW-0501' })
})

test('a second run on the same rows is refused, and may begin when the first has closed', async () => {
  const urls = { log: 'memory:', rows: `sqlite:${join(folder, 'rows.db')}`, objects: 'memory:' }
  const first = await openResources(urls)
  await expect(openResources(urls)).rejects.toMatchObject({ code: 'SPW-0305' })
  await first.close()
  const second = await openResources(urls)
  await second.close()
})

test('spouts with logs of their own get them, equal URLs share one', async () => {
  const own = `file:${join(folder, 'own')}`
  const opened = await openResources({ log: 'memory:', logs: { a: own, b: own }, rows: 'memory:', objects: 'memory:' })
  expect(Object.keys(opened.logs)).toEqual(['default', 'a', 'b'])
  expect(opened.logs['a']).toBe(opened.logs['b'])
  await opened.close()
})
