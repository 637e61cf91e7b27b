/** `topology query` in all its forms, over one small rollup. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

const file = `import { defineTopology, log } from 'spillway'
import { average, count, rollup } from 'spillway/operators'
import { tableRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  t.spout('events', log())
    .bolt('revenue', rollup({
      window: ['1 minute', '1 day'], by: ['country'], timezone: 'Europe/Berlin',
      values: { orders: count(), price: average('price') },
    }))
    .sink('revenue', tableRows())
})
`
const order = (time: string, country: string, price: number): string =>
  `${JSON.stringify({ country, price, keen: { timestamp: `2026-03-14T${time}:00Z` } })}\n`

let world: CliWorld

beforeAll(async () => {
  world = createWorld(true)
  world.write('shop.mts', file)
  const events = [order('09:00', 'NZ', 4), order('09:00', 'NZ', 6), order('09:01', 'AU', 3), order('09:04', 'NZ', -2)]
  world.write('orders.ndjson', events.join(''))
  await world.topology('ingest orders.ndjson -c orders -p shop')
  await world.topology('run shop.mts --until-caught-up')
})

afterAll(() => removeWorld(world.folder))

const five = '-i minutely -t 2026-03-14T09:00/2026-03-14T09:05'
const out = async (words: string): Promise<string> => (await world.topology(`query revenue ${words}`)).stdout

describe('query prints', () => {
  test('C17: compact JSON on one line, indented only where asked', async () => {
    const compact = await out(`-g country ${five} --json`)
    expect(compact).toMatch(/^\{"result":\[\{"timeframe":\{"start":"2026-03-14T09:00:00\.000Z",.*\}\}\n$/)
    expect(compact).not.toMatch(/[,:] /)
    const [pretty, again] = [await out(`-g country ${five} --json --pretty`), await out(`-g country ${five} --json`)]
    expect(pretty).toBe(`${JSON.stringify(JSON.parse(again), undefined, 2)}\n`)
  })

  test('freshness under its three names, and whether it is complete and exact', async () => {
    const { meta } = JSON.parse(await out(`${five} --json`))
    expect(meta).toEqual({
      topology: 'shop',
      rollup: 'revenue',
      milliseconds_behind: 0,
      latest_subtimeframe_available: expect.stringMatching(/:00\.000Z$/),
      last_scheduled_date: expect.stringMatching(/^\d{4}-/),
      complete: true,
      approximate: [],
    })
  })

  test('CSV with a line of names', async () => {
    const csv = await out(`-g country ${five} --csv`)
    expect(csv.split('\n').slice(0, 3)).toEqual([
      'start,end,country,orders,price',
      '2026-03-14T09:00:00.000Z,2026-03-14T09:01:00.000Z,AU,,',
      '2026-03-14T09:00:00.000Z,2026-03-14T09:01:00.000Z,NZ,2,5',
    ])
    expect(csv.trim().split('\n')).toHaveLength(11)
  })

  test('a chart of one value over time', async () => {
    expect((await out(`${five} --chart`)).split('\n')).toEqual([
      'orders, 5 intervals from 2026-03-14 09:00 to 2026-03-14 09:04',
      '2 ┤ ███████',
      '  │ ███████',
      '  │ ███████',
      '1 ┤ ███████ ███████                 ███████',
      '  │ ███████ ███████                 ███████',
      '  │ ███████ ███████                 ███████',
      '0 ┼─────────────────────────────────────────',
      '    09:00   09:01   09:02   09:03   09:04',
      '',
    ])
  })

  test('a chart with a line per group, a gap where there is nothing', async () => {
    expect((await out(`-g country ${five} --chart`)).split('\n')).toEqual([
      'orders, 5 intervals from 2026-03-14 09:00 to 2026-03-14 09:04',
      'country                   lowest  highest  last',
      'NZ       ███         ▅▅▅       1        2     1',
      'AU          ███                1        1     1',
      '',
    ])
  })

  test('a chart of groups, and of the value that is named', async () => {
    const lines = (await out('-g country --chart --value price')).split('\n')
    expect(lines[1]).toMatch(/^AU +3 {2}█+$/)
    expect((await world.topology('query revenue --chart --value cost')).stderr).toContain('there are orders, price')
  })
})

describe('query asks', () => {
  test('in the zone of the rollup', async () => {
    const { result } = JSON.parse(await out('-i daily --json'))
    expect(result[0].timeframe).toEqual({ start: '2026-03-13T23:00:00.000Z', end: '2026-03-14T23:00:00.000Z' })
  })

  test('with patterns, and never for places', async () => {
    expect(JSON.parse(await out(`-w 'country regex "^N"' --json`)).result).toMatchObject({ orders: 3 })
    const { exit, stderr } = await world.topology(`query revenue -w 'country within 5' -w 'country regex "("'`)
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(/InvalidPropertyNameForGeoFilter.*\n.*no regular expr.*\n2 problems/),
    ])
  })

  test('for one form at a time', async () => {
    const { exit, stderr } = await world.topology('query revenue --csv --json --value price')
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(/--csv: cannot be had together with --json\n.*--value: says/),
    ])
  })
})

describe('the knobs of spillway.yaml bound an answer', () => {
  const knob = async (line: string, words: string) => {
    world.write('spillway.yaml', `knobs:\n  ${line}\n`)
    const outcome = await world.topology(`query revenue ${words}`)
    world.write('spillway.yaml', '')
    return outcome
  }
  const long = '-g country -i minutely -t 2026-03-14T00:00/2026-03-15T00:00'

  test('C5, C6: fill.cells: two groups of a day are not filled, which is said, or refused', async () => {
    const { exit, stdout, stderr } = await knob('fill.cells: 2000', `${long} --json`)
    expect(JSON.parse(stdout)).toMatchObject({ filled: false, reason: 'cells', cells: 2_880 })
    expect([exit, stderr]).toEqual([0, 'warning: not filled: 2,880 cells would be too many\n'])
    const strict = await knob('fill.cells: 2000', `${long} --json --strict`)
    expect(strict).toMatchObject({ exit: 2, stdout: '', stderr: expect.stringContaining('at least 2880 cells') })
  })

  test('fill.intervals', async () => {
    const { exit, stdout, stderr } = await knob('fill.intervals: 1000', long)
    expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining('more than 1000 intervals')])
  })
})
