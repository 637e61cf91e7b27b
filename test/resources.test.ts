import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLog, openResources, openRows, resourceUrlProblem } from '../topology/resources.ts'

const folder = mkdtempSync(join(tmpdir(), 'spillway-resources-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each([
  ['log', 'kafka://host/topic', 'there is no kafka: here, only file: and memory:'],
  ['rows', 'cassandra://host/keyspace', 'there is no cassandra: here, only sqlite: and memory:'],
  ['objects', 's3://bucket', 'there is no s3: here, only file: and memory:'],
  ['log', './data', 'is no URL; it begins with file: and memory:'],
  ['log', 'file:', 'names no path'],
  ['log', 'file:x?partition=2', 'unknown parameter "partition"; it takes partitions and retention'],
  ['log', 'file:x?partitions=0', 'partitions is a whole number from 1'],
  ['log', 'file:x?retention=week', 'retention is a number and a unit: 30m, 12h, 7d'],
  ['rows', 'sqlite:x?mode=ro', 'unknown parameter "mode"; it takes none'],
] as const)('%s %s: %s', (resource, url, problem) => {
  expect(resourceUrlProblem(resource, url)).toContain(problem)
})

test.each(['file:./data/log?partitions=8&retention=7d', 'file:/var/log', 'file:///var/log', 'memory:'])(
  '%s can be a log',
  (url) => {
    expect(resourceUrlProblem('log', url)).toBeUndefined()
  },
)

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
