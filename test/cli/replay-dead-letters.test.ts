/** Records that a bolt fails on in a replay as well: the log does not get them once more. */
import { expect, test } from 'vitest'
import { bytes, createWorld } from './cli-world.ts'

const topology = `import { map } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
export default defineTopology('picky', (t) => {
  const fail = map((event) => {
    if (event.body.bad) throw new Error('it is bad')
    return event
  })
  t.spout('events', log()).bolt('fail', fail).sink('kept', eventRows())
})
`

test('redrive --all leaves the letters of a replay alone', async () => {
  const world = createWorld()
  world.write('picky.mts', topology)
  await world.topology('ingest - -c x', { stdin: bytes('{"a":1}\n{"bad":true}\n') })
  await world.topology('run picky.mts --until-caught-up')
  const redrive = async (): Promise<unknown> =>
    JSON.parse((await world.topology('dead-letters redrive --all --json')).stdout)
  expect(await redrive()).toEqual({ redriven: 1, failed: 0 })
  const line = 'replay picky.mts --from 2000-01-01 --to 2200-01-01 --into shadow'
  expect(await world.topology(line)).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/kept@shadow +3 +3 +1 +2 +0/),
  })
  expect((await world.topology('dead-letters list')).stdout).toContain('kept@shadow')
  expect(await redrive()).toEqual({ redriven: 1, failed: 0 })
  expect(await redrive()).toEqual({ redriven: 0, failed: 0 })
})
