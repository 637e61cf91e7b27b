/** The record that fails can be saved to a file, and the file alone reproduces the failure. */
import { expect, test } from 'vitest'
import { type CliWorld, createWorld } from './cli-world.ts'

const file = `import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  t.spout('events', log())
    .bolt('picky', map((event) => {
      if (event.body.price.length === 0) throw new Error('no price in ' + event.body.n)
      return event
    }))
    .bolt('all', rollup({ window: '1 day', by: [], values: { orders: count() } }))
    .sink('totals', tableRows())
})
`

interface Letter {
  readonly partition: number
  readonly offset: number
  readonly cause: string
  readonly message: string
}

/** Runs what is in a file, and gives the dead letters. */
const lettersOf = async (world: CliWorld, name: string, flags: string): Promise<readonly Letter[]> => {
  const urls = `--log file:${name}.log --rows sqlite:${name}.db`
  await world.topology(`ingest ${name} --log file:${name}.log${flags}`)
  expect((await world.topology(`run shop.ts --until-caught-up --objects memory: ${urls}`)).exit).toBe(0)
  return JSON.parse((await world.topology(`dead-letters list --json --rows sqlite:${name}.db`)).stdout)
}

test.each([
  ['a bolt fails on', '{"n":41,"price":""}', 'BoltError', 'bolt picky: no price in 41', ''],
  ['is no event', 'nope', 'InvalidEventError', '', ' --keep-bad'],
])(
  'A19: a record that %s is saved by `dead-letters show --raw`, and the file alone fails in the same way',
  async (_, text, cause, said, flags) => {
    const world = createWorld()
    world.write('shop.ts', file)
    const fine = (n: number): string => JSON.stringify({ n, price: 'x' })
    world.write('all.ndjson', [fine(1), fine(2), text, fine(3)].join('\n'))
    const [letter, ...others] = await lettersOf(world, 'all.ndjson', flags)
    expect([letter, others]).toMatchObject([{ cause, message: expect.stringContaining(said) }, []])
    const place = `${letter!.partition}/${letter!.offset}`
    const { stdout } = await world.topology(`dead-letters show ${place} --raw --rows sqlite:all.ndjson.db`)
    world.write('saved.ndjson', stdout)
    const again = await lettersOf(world, 'saved.ndjson', flags)
    expect(again.map(({ cause: found, message }) => [found, message])).toEqual([[letter!.cause, letter!.message]])
  },
)
