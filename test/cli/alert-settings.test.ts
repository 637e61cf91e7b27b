import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CommandInput } from '../../topology/cli/command-input.ts'
import { alertsOf, readConfiguration } from '../../topology/cli/configuration.ts'
import type { UsageProblem } from '../../topology/cli/usage-problems.ts'
import { systemClock, systemRandom } from '../../topology/engine/shell/system-clock.ts'
import { alertMessage } from '../../topology/observe/alerts/alert-channel.ts'
import type { AlertSettings } from '../../topology/observe/alerts/alert-settings.ts'
import { alertRules } from '../../topology/observe/alerts/alert-signal.ts'
import { bytes, createWorld } from './cli-world.ts'

const read = async (
  yaml: string,
  env: Record<string, string> = {},
): Promise<{ readonly alerts: AlertSettings; readonly problems: readonly UsageProblem[] }> => {
  const world = createWorld()
  world.write('spillway.yaml', yaml)
  const input = new CommandInput([], {})
  const io = {
    print: async () => {},
    talk: () => {},
    stdin: bytes(''),
    env,
    folder: world.folder,
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    isLive: false,
    colour: { stdout: false, stderr: false },
    columns: 80,
  }
  const configuration = await readConfiguration(io, input)
  return { alerts: alertsOf(io, input, configuration), problems: input.problems }
}

const lines = (problems: readonly UsageProblem[]): readonly string[] => problems.map(({ at, text }) => `${at}: ${text}`)

describe('the section alerts', () => {
  test('names a first channel, a second one, and a heartbeat', async () => {
    const { alerts, problems } = await read(`alerts:
  webhook: https://hooks.example/abc
  second:
    command: [notify-send, Spillway, 7]
  heartbeat: {url: https://beat.example/1, every: 5 minutes}
`)
    expect(problems).toEqual([])
    expect(alerts).toEqual({
      first: { kind: 'webhook', url: 'https://hooks.example/abc', headers: {} },
      second: { kind: 'command', words: ['notify-send', 'Spillway', '7'] },
      heartbeat: { url: 'https://beat.example/1', headers: {}, everyMs: 300_000 },
    })
  })
  test('takes secrets from the environment, in addresses, headers and arguments', async () => {
    const yaml = `alerts:
  webhook:
    url: \${HOOK}
    headers: {Authorization: 'Bearer \${TOKEN}'}
  second: {command: [page, --key, '\${PAGER}']}
`
    const { alerts, problems } = await read(yaml, { HOOK: 'https://h.example/s3', TOKEN: 't0', PAGER: 'p1' })
    expect(problems).toEqual([])
    expect(alerts.first).toEqual({
      kind: 'webhook',
      url: 'https://h.example/s3',
      headers: { authorization: 'Bearer t0' },
    })
    expect(alerts.second).toEqual({ kind: 'command', words: ['page', '--key', 'p1'] })
  })
  test('names every variable that is missing', async () => {
    const { problems } = await read(`alerts: {webhook: "\${A}", heartbeat: "https://x.example/\${B}"}\n`)
    expect(lines(problems)).toEqual([
      `spillway.yaml:1:1: \${A} is not set in the environment`,
      `spillway.yaml:1:1: \${B} is not set in the environment`,
    ])
  })
  test('refuses secrets that are written out, and repeats none', async () => {
    const { problems } = await read(`alerts:
  webhook:
    url: https://ann:s3cret@hooks.example/
    headers:
      authorization: Bearer s3cret
  second:
    webhook: https://hooks.example/?token=s3cret
`)
    expect(lines(problems)).toEqual([
      `spillway.yaml:5:22: header authorization is a secret: write \${NAME} and set it in the environment`,
      `spillway.yaml:3:10: url of webhook holds a user or password: they come from the environment, as \${NAME} in a header`,
      `spillway.yaml:7:14: webhook holds a secret in token: write \${NAME} and set it in the environment`,
    ])
    expect(lines(problems).join()).not.toContain('s3cret')
  })
  test('tells all problems at once, with their places', async () => {
    const { problems } = await read(`rowz: 1
alerts:
  webhok: x
  webhook: ftp://x
  command: notify --loud
  second: {}
  heartbeat: {every: 1 s}
`)
    expect(lines(problems)).toEqual([
      'spillway.yaml:1:1: unknown setting "rowz"; did you mean "rows"?',
      'spillway.yaml:3:11: alerts has no "webhok"; did you mean "webhook"?',
      'spillway.yaml:5:12: alerts has webhook or command, not both: the other one stands under second',
      `spillway.yaml:4:12: webhook is an address that begins with http:// or https://, or \${NAME} for one in the environment`,
      'spillway.yaml:6:11: second has webhook or command',
      'spillway.yaml:7:14: heartbeat has no url',
      'spillway.yaml:7:22: every is between 10 seconds and 1 day',
    ])
  })
  test.each([
    ['alerts: 5', 'alerts is a mapping with webhook, command, second, heartbeat'],
    ['alerts: {command: notify --loud}', 'command with arguments is a list: [notify, --loud]'],
    [
      'alerts: {command: []}',
      'command is a program, or a list of a program and its arguments such as [notify, --loud]',
    ],
    [
      'alerts: {command: [[a]]}',
      'command is a program, or a list of a program and its arguments such as [notify, --loud]',
    ],
    ['alerts: {second: {command: x}}', 'a second channel needs a first one: alerts has webhook or command'],
    ['alerts: {webhook: {url: http://x, headers: [a]}}', 'headers of webhook is a mapping of texts'],
    ['alerts: {webhook: {url: http://x, headers: {"a b": c}}}', '"a b" is no name of a header'],
  ])('%s', async (yaml, text) => {
    expect((await read(`${yaml}\n`)).problems.map((problem) => problem.text)).toEqual([text])
  })
})

describe('the page about alerts', () => {
  const page = readFileSync(new URL('../../docs/alerts.md', import.meta.url), 'utf8')

  test('shows settings that can be read', async () => {
    const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
    const { alerts, problems } = await read(yaml, { HOOK_TOKEN: 't0', BEAT_KEY: 'k0' })
    expect(problems).toEqual([])
    expect(alerts).toMatchObject({
      first: { kind: 'webhook', headers: { authorization: 'Bearer t0' } },
      second: { kind: 'command', words: ['notify-oncall', '--team', 'data'] },
      heartbeat: { headers: { 'x-api-key': 'k0' }, everyMs: 60_000 },
    })
  })

  test('names every rule', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const named = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name))
    expect(Object.keys(alertRules).filter((rule) => !named.includes(rule))).toEqual([])
  })

  test('shows the body as it is sent', () => {
    const alert = { rule: 'stall', level: 'critical', subject: 'a', text: 'b', sinceMs: 0, symptom: 'c' } as const
    const sent = alertMessage([{ state: 'firing', alert }], { topology: 'shop', process: 'host#1' }, 0)
    const shown: unknown = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '{}')
    const keys = (message: object): readonly string[] => Object.keys(message)
    expect(keys(Object(shown))).toEqual(keys(sent))
    expect(keys(Object(shown).alerts[0])).toEqual(keys(sent.alerts[0]!))
  })
})

test('knobs in spillway.yaml take units and names', async () => {
  const world = createWorld()
  world.write('spillway.yaml', 'knobs:\n  epoch.ageMs: 2 s\n  profile.mode: catch-up\n  alert.usedRatio: 0.8\n')
  const input = new CommandInput([], {})
  const io = { env: {}, folder: world.folder } as unknown as Parameters<typeof readConfiguration>[0] // only these are read
  expect((await readConfiguration(io, input)).knobs).toEqual({
    'epoch.ageMs': 2_000,
    'profile.mode': 'catch-up',
    'alert.usedRatio': 0.8,
  })
  expect(input.problems).toEqual([])
})
