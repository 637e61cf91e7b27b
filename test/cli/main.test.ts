import { expect, test } from 'vitest'
import { commandTable } from '../../topology/cli/command-table.ts'
import { parseWords } from '../../topology/cli/commander-program.ts'
import { createWorld, wordsOf } from './cli-world.ts'

test('the help lists every command on stdout', async () => {
  const { exit, stdout, stderr } = await createWorld().topology('--help')
  expect([exit, stderr]).toEqual([0, ''])
  for (const { name, summary } of commandTable) expect(stdout).toContain(`${name} `.padEnd(8) && summary)
})

test('without words the help goes to stderr, exit 2', async () => {
  const { exit, stdout, stderr } = await createWorld().topology('')
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining('Usage: topology')])
})

test('the version is that of the package', async () => {
  expect((await createWorld().topology('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test.each(commandTable.map(({ name }) => name))('%s: its help shows examples, and they parse', async (name) => {
  const { exit, stdout } = await createWorld().topology(`${name} --help`)
  expect([exit, stdout]).toEqual([0, expect.stringContaining('--json')])
  const entry = commandTable.find((one) => one.name === name)!
  const definition = await entry.load()
  expect(definition.name).toBe(name)
  expect(definition.examples.length).toBeGreaterThan(0)
  for (const example of definition.examples) {
    const line = example.split('| ').at(-1)!.split(' > ')[0]!
    expect(stdout).toContain(example)
    const input = parseWords(definition, wordsOf(line).slice(1 + name.split(' ').length))
    expect(input.problems).toEqual([])
  }
})

test.each([
  ['qury x', 'unknown command "qury"; did you mean "query"?'],
  ['dead-letters lst', 'unknown command "dead-letters lst"; did you mean "list"?'],
  ['log', 'log is a group of commands'],
  ['--json query', 'options stand behind the command'],
  ['query', 'ROLLUP is missing'],
  ['status now', 'unexpected argument "now"'],
  ['status --log', "option '--log <URL>' argument missing"],
  ['events a --limit many', '--limit: "many" is no whole number from 1'],
  ['status --log-level loud', '--log-level: "loud" is not one of error, warn, info, debug'],
])('%s: exit 2 and says %s', async (line, text) => {
  const { exit, stdout, stderr } = await createWorld().topology(line)
  expect([exit, stdout, stderr]).toEqual([2, '', expect.stringContaining(text)])
})

test('all problems of a command line are told at once', async () => {
  const { exit, stderr } = await createWorld().topology('events a -w "x = 1" --limit 0 --timeframe soon --log file:')
  expect(exit).toBe(2)
  for (const place of ['--where', '--limit', '--timeframe', '--log']) expect(stderr).toContain(`: ${place}: `)
  expect(stderr).toContain('4 problems')
})

test('unknown options are all told, each with a suggestion', async () => {
  const { stderr } = await createWorld().topology('ingest a.json --colection c --fromat csv')
  expect(stderr).toContain('--colection: unknown option; did you mean "--collection"?')
  expect(stderr).toContain('--fromat: unknown option; did you mean "--format"?')
})
