/** What `topology runbook` says with and without a running process. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeRunPositions } from '../../sinks/rows/run-positions.ts'
import type { RunSnapshot } from '../../topology/model/run-snapshot.ts'
import { openRows } from '../../topology/resources.ts'
import { givenLag, givenSnapshot, givenTenant } from '../observe/given-snapshot.ts'
import { type CliWorld, createWorld, removeWorld } from './cli-world.ts'

let world: CliWorld

beforeAll(async () => {
  world = createWorld(true)
  await world.topology('init')
  await world.topology('ingest sample/purchases.ndjson -c purchases -p shop')
  await world.topology('run topology.ts --until-caught-up')
})

afterAll(() => removeWorld(world.folder))

const told = async (snapshot: Partial<RunSnapshot>): Promise<void> => {
  const { rows, close } = await openRows(`sqlite:${join(world.folder, 'data/rows.db')}`)
  const nowMs = Date.now()
  const whole = givenSnapshot({ startedAtMs: nowMs - 7_200_000, atMs: nowMs, ...snapshot })
  await writeRunPositions(rows, 'shop', 'host#1', { process: 'a', lanes: [], waitingFor: [], nowMs, snapshot: whole })
  await close()
}

const said = async (line: string): Promise<string> => {
  const { exit, stdout, stderr } = await world.topology(line)
  expect([exit, stderr]).toEqual([0, ''])
  return stdout
}

describe('without a running process', () => {
  test('all symptoms are there to read', async () => {
    const text = await said('runbook')
    expect(text).toContain('nothing could be looked at: no process runs the topology now')
    expect(text.match(/^ +\d+ {2}\S/gm)).toHaveLength(20)
  })

  test('one symptom says what to do, what a person looks at, knobs and lines to type', async () => {
    const text = await said('runbook "dead letters"')
    expect(text).toMatch(/^8\. dead letters jump\n\nSay first\n {2}Which records/)
    expect(text).toContain('> Which cause? Look: topology dead-letters list')
    expect(text).toMatch(/^ {2}deadLetter\.laneRatio +0\.5 +- +tolerates more +mass dead-lettering$/m)
    expect(text).toContain('\n  topology dead-letters redrive\n')
  })

  test('it can be read before anything has run, and when the rows cannot be opened', async () => {
    const bare = createWorld()
    expect((await bare.topology('runbook 4')).stdout).toContain('4. a sink is slow')
    bare.write('rows.db', 'this is no database at all, whatever its name may say of it')
    const { exit, stdout } = await bare.topology('runbook 4 --rows sqlite:./rows.db')
    expect([exit, stdout]).toEqual([0, expect.stringContaining('Checks, nothing could be looked at: ')])
  })

  test('words that fit nothing are refused with the nearest, words that fit several list them', async () => {
    const { exit, stderr } = await world.topology('runbook xyzzy')
    expect([exit, stderr]).toEqual([2, expect.stringContaining('no symptom fits "xyzzy"')])
    expect(await said('runbook slow')).toMatch(/^2 symptoms fit: say the number of one/)
  })
})

describe('beside a running process', () => {
  test('symptoms that are there now are marked, with what was found', async () => {
    await told({ lag: [givenLag({ lagEvents: 4_000, lagMs: 9_000, slopeEventsPerSecond: 120 })] })
    const text = await said('runbook')
    expect(text).toMatch(/^as told by the running process \d/)
    expect(text).toMatch(/^! +1 {2}lag grows on one or more branches +events grows by 120 events\/s$/m)
    expect(text.match(/^!/gm)).toHaveLength(1)
    expect(text).toContain('read one: topology runbook 1\n')
  })

  test('checks are done, and names that they found stand in the lines to type', async () => {
    const tenants = [givenTenant({ tenant: "o'hara ltd", bytesPerSecond: 9_000 }), givenTenant()]
    await told({ tenants, verdict: { kind: 'surge', text: "o'hara ltd" } })
    const text = await said('runbook "one tenant spikes"')
    expect(text).toContain("! Who sends most? most of the bytes: o'hara ltd 90%")
    expect(text).toContain('- Who is held back now? no tenant is limited or blocked')
    expect(text).toContain("topology tenant limit 'o'\\''hara ltd' 500/s --for 2h")
  })

  test('knobs have the values of the process, and say who pinned them', async () => {
    await told({
      profile: { mode: 'auto', name: 'catch-up', sinceMs: Date.now(), reason: 'behind', epochShare: 0.5 },
      settings: { 'rows.deadlineMs': 2_000 },
    })
    await world.topology('tune set backlog.activeLanes 3 --for 2h --by ann')
    const text = await said('runbook 17')
    expect(text).toMatch(/^ {2}backlog\.activeLanes +3 lanes +ann, 2 h 0 min left +fixed number/m)
    expect(text).toMatch(/^ {2}epoch\.bytes +32\.0 MiB +profile /m)
    expect(await said('runbook 5')).toMatch(/^ {2}rows\.deadlineMs +2,000 ms +settings /m)
  })

  test('programs get the same as JSON', async () => {
    await told({ lag: [givenLag({ lagEvents: 4_000, lagMs: 9_000, slopeEventsPerSecond: 120 })] })
    const one = JSON.parse(await said('runbook 1 --json'))
    expect(one).toMatchObject({ number: 1, symptom: 'lag grows on one or more branches', looked: true })
    expect(one.checks[0]).toEqual({
      question: 'does the lag grow',
      state: 'found',
      finding: 'events grows by 120 events/s',
      by_hand: null,
    })
    expect(one.knobs[0]).toMatchObject({ knob: 'profile.mode', value: 'auto', source: 'initial' })
    const all = JSON.parse(await said('runbook --json'))
    expect(all).toHaveLength(20)
    expect(all[0]).toMatchObject({ number: 1, present: true, finding: 'events grows by 120 events/s' })
  })
})
