/** What is published is what was tested: the tarball is linted, installed elsewhere, compiled against and run. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installInto, makeFolder, type Packed, pack, repository, runIn } from './package-project.ts'

const folder = makeFolder()
let packed: Packed
let project: string

beforeAll(() => {
  packed = pack(folder.path)
  project = installInto(folder.path, packed.tarball)
}, 60_000)

afterAll(() => folder.remove())

const purchases = [
  { country: 'NZ', price: 10, keen: { timestamp: '2026-03-14T09:00:00Z' } },
  { country: 'NZ', price: 2.5, keen: { timestamp: '2026-03-14T09:00:30Z' } },
  { country: 'AU', price: 4, keen: { timestamp: '2026-03-14T09:05:00Z' } },
]

const expected = [
  { country: 'AU', orders: 1, revenue: 4 },
  { country: 'NZ', orders: 2, revenue: 12.5 },
]

const revenue = (): unknown => {
  const words = ['topology', 'query', 'revenue_by_country', '--group-by', 'country', '--json']
  const { result } = JSON.parse(runIn(project, 'npx', words)) as { result: Record<string, unknown>[] } // the documented shape
  return result.map(({ country, orders, revenue: sum }) => ({ country, orders, revenue: sum }))
}

test('the package has sources and build, and no tests', () => {
  const strange = packed.files.filter(
    (path) => !/^(?:dist|topology|operators|sinks|examples|docs)\/|^[^/]+$/.test(path),
  )
  expect([...strange, ...packed.files.filter((path) => /\.test\.|(?:^|\/)(?:test|data)\//.test(path))]).toEqual([])
  for (const path of ['dist/topology/cli/bin.js', 'topology/index.ts', 'README.md', 'LICENSE'])
    expect(packed.files).toContain(path)
})

test('publint finds nothing in the tarball', () => {
  expect(runIn(repository, 'publint', ['run', packed.tarball, '--strict'])).toContain('All good!')
})

test('the types of every entry resolve', () => {
  const printed = runIn(repository, 'attw', [packed.tarball, '--profile', 'esm-only', '--format', 'json'])
  const { analysis } = JSON.parse(printed) as { analysis: { problems: { resolutionKind?: string }[] } } // attw's own format
  const ours = analysis.problems.filter(
    ({ resolutionKind }) => resolutionKind === 'node16-esm' || resolutionKind === 'bundler',
  )
  expect(ours).toEqual([])
})

test('the topology of the README compiles under strict', () => {
  expect(runIn(project, 'tsc', ['-p', project])).toBe('')
}, 60_000)

test('it runs from the library', () => {
  const program = `
    import { openLog, run } from 'spillway'
    import shop from './topology.ts'
    const log = await openLog('file:./data/log')
    const headers = [['project', 'shop'], ['collection', 'purchases']]
    const bytes = (body) => new TextEncoder().encode(JSON.stringify(body))
    await log.append(${JSON.stringify(purchases.slice(0, 1))}.map((body) => ({ key: 'shop', headers, value: bytes(body) })))
    await log.close()
    const handle = await run(shop, { untilCaughtUp: true })
    const { state, deadLetters } = await handle.ended
    console.log(JSON.stringify({ state, deadLetters }))
  `
  writeFileSync(join(project, 'main.mjs'), program)
  expect(JSON.parse(runIn(project, 'node', ['main.mjs']))).toEqual({ state: 'caughtUp', deadLetters: 0 })
  expect(revenue()).toEqual([{ country: 'NZ', orders: 1, revenue: 10 }])
}, 60_000)

test('`npx topology` ingests, runs and reads, and goes on where the library stood', () => {
  writeFileSync(
    join(project, 'more.ndjson'),
    purchases
      .slice(1)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  )
  runIn(project, 'npx', ['topology', 'ingest', 'more.ndjson', '--collection', 'purchases', '--project', 'shop'])
  runIn(project, 'npx', ['topology', 'run', 'topology.ts', '--until-caught-up'])
  expect(revenue()).toEqual(expected)
  const schema = JSON.parse(runIn(project, 'npx', ['topology', 'schema', 'purchases', '--json']))
  expect([schema.events, schema.properties.price.types]).toEqual([3, { num: 3 }])
  const events = runIn(project, 'npx', ['topology', 'events', 'purchases', '--json']).trim().split('\n')
  expect(events.map((line) => JSON.parse(line).price).sort()).toEqual([10, 2.5, 4])
  runIn(project, 'npx', ['topology', 'objects', '--verify'])
}, 60_000)
