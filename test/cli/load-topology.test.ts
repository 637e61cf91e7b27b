import { expect, test } from 'vitest'
import { createWorld } from './cli-world.ts'

test.each([
  ['nope.ts', undefined, 'nope.ts: there is no such file'],
  ['topology.json', '{}', 'topology.json: is no topology'],
  ['a.mts', 'export const a = 1', 'a.mts: does not export a topology by default'],
  ['b.mts', "import 'not-there'", 'b.mts'],
  ['c.mts', 'export default 5 +', 'c.mts'],
])('%s with %j: exit 2', async (file, text, said) => {
  const world = createWorld()
  if (text !== undefined) world.write(file, text)
  const { exit, stderr } = await world.topology(`describe ${file}`)
  expect([exit, stderr]).toEqual([2, expect.stringContaining(said)])
})

test('all problems of a declaration are told with file:line:column and a suggestion', async () => {
  const world = createWorld()
  world.write(
    'shop.mts',
    `import { defineTopology, log } from 'spillway'
import { eventRows } from 'spillway/sinks'
export default defineTopology('shop', (t) => {
  const events = t.spout('events', log({ form: 'x' } as never))
  events.sink('a', eventRows())
  events.sink('a', eventRows())
})
`,
  )
  const { exit, stderr } = await world.topology('lint shop.mts')
  expect(exit).toBe(2)
  expect(stderr).toMatch(/shop\.mts:4:\d+: .*"form"\n {2}did you mean "from"\?/)
  expect(stderr).toMatch(/shop\.mts:6:\d+: sink a: the name is taken/)
})
