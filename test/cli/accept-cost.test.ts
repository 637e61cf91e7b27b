/** An archive that would cost too much is noticed before the bill. */
import { describe, expect, test } from 'vitest'
import { createWorld } from './cli-world.ts'

const file = `import { defineTopology, log } from 'spillway'
import { objects } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  t.spout('events', log({ project: { path: 'shop' } })).sink('archive', objects({ rotate: { age: '1 second' } }))
})
`

describe('run', () => {
  test('refuses an archive of more objects an hour than `objects.perHour`, unless somebody accepts the cost', async () => {
    const world = createWorld()
    world.write('shop.ts', file)
    world.write('spillway.yaml', 'knobs:\n  objects.perHour: 5000\n')
    const lines = Array.from({ length: 800 }, (_, index) => JSON.stringify({ shop: `s${index % 12}`, n: index }))
    world.write('events.ndjson', lines.join('\n'))
    await world.topology('ingest events.ndjson')
    const refused = await world.topology('run shop.ts --until-caught-up')
    expect([refused.exit, refused.stderr]).toEqual([
      2,
      expect.stringMatching(
        /archive archive would write about [\d,]+ objects an hour over 4 partitions, more than objects\.perHour \(5,000\) \(SPW-0518\)/,
      ),
    ])
    expect((await world.topology('run shop.ts --until-caught-up --accept-cost')).exit).toBe(0)
    expect((await world.topology('objects --json')).stdout).toContain('"key"')
  })
})
