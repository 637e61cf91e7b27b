/** The files of a fresh project, as text. A test runs them, so they stay true. */
import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import type { GivenResources } from './init-settings.ts'

export interface ProjectFile {
  readonly path: string
  readonly text: string
}

/** `ending`: `ts`, or `mts` in a package that is no module. `resources`: URLs that are not the embedded defaults. */
export const projectFiles = (ending: 'ts' | 'mts', resources?: GivenResources): readonly ProjectFile[] => [
  { path: 'package.json', text: packageText(resources?.objects?.startsWith('s3:') === true) },
  { path: `topology.${ending}`, text: topologyText },
  { path: `topology.test.${ending}`, text: testText(ending) },
  { path: 'sample/purchases.ndjson', text: sampleText() },
  { path: 'README.md', text: readmeText(ending, resources !== undefined) },
  { path: '.gitignore', text: 'data/\nnode_modules/\n' },
]

interface OwnPackage {
  readonly version: string
  readonly engines: { readonly node: string }
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const ownPackage = (): OwnPackage => {
  const path = findPackageJSON(import.meta.url)
  return JSON.parse(readFileSync(path ?? 'package.json', 'utf8')) as OwnPackage // our own package.json
}

const packageText = (isArchivedInS3: boolean): string => {
  const { version, engines, dependencies, peerDependencies } = ownPackage()
  const client = isArchivedInS3 ? { '@aws-sdk/client-s3': peerDependencies['@aws-sdk/client-s3'] ?? '3' } : {}
  const content = {
    name: 'shop-topology',
    private: true,
    type: 'module',
    engines: { node: engines.node },
    scripts: { start: 'topology run topology.ts --until-caught-up', test: 'node --test' },
    dependencies: { ...client, rxjs: dependencies['rxjs'] ?? '7', spillway: version },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

const topologyText = `import { filter } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, inferSchema, percentile, rollup, sum } from 'spillway/operators'
import { eventRows, objects, tableRows } from 'spillway/sinks'

export default defineTopology('shop', (t) => {
  const events = t.spout('events', log())

  events.sink('events', eventRows())
  events.bolt('schema', inferSchema()).sink('schemas', tableRows())
  events
    .bolt('purchases', filter((event) => event.collection === 'purchases'))
    .bolt(
      'revenue',
      rollup({
        window: '1 minute',
        by: ['country'],
        values: { orders: count(), revenue: sum('price'), p95: percentile('price', 95) },
      }),
    )
    .sink('revenue_by_country', tableRows())
  events.sink('archive', objects({ format: 'ndjson', compression: 'gzip' }))
})
`

const testText = (ending: string): string => `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CRASH, put, testTopology } from 'spillway/testing'
import shop from './topology.${ending}'

const purchase = (country: string, price: number) =>
  put({ country, price, keen: { timestamp: '2026-03-14T09:00:00Z' } }, { project: 'shop', collection: 'purchases' })

test('each purchase counts once, also when the process dies in between', async () => {
  const result = await testTopology(shop).run([purchase('NZ', 10), CRASH, purchase('NZ', 2.5), purchase('AU', 4)])
  const rows = await result.rows('revenue_by_country')
  const byCountry = Object.fromEntries(rows.map((row) => [row['country'], [row['orders'], row['revenue']]]))
  assert.deepEqual(byCountry, { NZ: [2, 12.5], AU: [1, 4] })
})
`

const countries = ['NZ', 'AU', 'DE', 'BR', 'JP']
const products = ['kettle', 'lamp', 'notebook', 'umbrella', 'teapot', 'compass', 'scarf']

/** Forty purchases over ten minutes; the same in every project. */
const sampleText = (): string =>
  Array.from({ length: 40 }, (_, index) => {
    const at = new Date(Date.UTC(2026, 2, 14, 9, 0, index * 15)).toISOString()
    const cents = 450 + ((index * 7_919) % 9_000)
    const purchase = {
      keen: { timestamp: at },
      country: countries[(index * index + index) % countries.length],
      product: products[(index * 3) % products.length],
      price: cents / 100,
      ...(index % 4 === 0 ? { coupon: `SPRING${index % 3}` } : {}),
    }
    return `${JSON.stringify(purchase)}\n`
  }).join('')

const readmeText = (ending: string, hasServers: boolean): string => `# Shop

A topology that keeps every purchase, infers their schema, sums revenue per minute and country, and archives the rest.
${hasServers ? '`spillway.yaml` says where log, rows and objects are; passwords and keys stand in the environment.' : 'Log, rows and objects lie in `./data`; no server is needed.'}

    npx topology ingest sample/purchases.ndjson --collection purchases --project shop
    npx topology run topology.${ending} --until-caught-up
    npx topology query revenue_by_country --group-by country
    npx topology schema purchases
    npx topology events purchases --where 'country eq "NZ"'
    npx topology objects --verify

\`topology.${ending}\` declares it, \`topology.test.${ending}\` tests it in memory (\`node --test\`).
\`npx topology simulate topology.${ending}\` plays it through crashes, deletes and stores that fail. \`npx topology --help\` shows the rest.
`
