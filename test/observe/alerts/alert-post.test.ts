import { describe, expect, onTestFinished, test } from 'vitest'
import type { AlertLine } from '../../../topology/model/run-snapshot.ts'
import type { AlertChannel, AlertMessage } from '../../../topology/observe/alerts/alert-channel.ts'
import type { AlertNews } from '../../../topology/observe/alerts/alert-machine.ts'
import { AlertPost, type AlertPostParts } from '../../../topology/observe/alerts/alert-post.ts'
import { HealthWatch } from '../../../topology/observe/health.ts'
import { createVirtualClock, type VirtualClock } from '../../../topology/testing/virtual-clock.ts'
import { givenKnob, givenSnapshot } from '../given-snapshot.ts'

interface GivenChannel extends AlertChannel {
  readonly got: AlertMessage[]
  works: boolean | 'never'
  tries: number
}

const givenChannel = (name: string, works: GivenChannel['works'] = true): GivenChannel => {
  const channel: GivenChannel = {
    name,
    works,
    got: [],
    tries: 0,
    send: (message) => {
      channel.tries += 1
      if (channel.works === 'never') return new Promise(() => {})
      if (!channel.works) return Promise.reject(new Error('out of credit'))
      channel.got.push(message)
      return Promise.resolve()
    },
  }
  return channel
}

const line: AlertLine = {
  rule: 'stall',
  level: 'critical',
  subject: 'events',
  text: 'stalled: events',
  sinceMs: 0,
  symptom: 'up, but nothing moves',
}
const news = (state: AlertNews['state'], more: Partial<AlertLine> = {}): AlertNews => ({
  state,
  alert: { ...line, ...more },
})

interface Given {
  readonly post: AlertPost
  readonly clock: VirtualClock
  readonly told: string[]
  /** Lets so much time pass, with everything that happens in it. */
  pass(ms: number): Promise<void>
}

const givenPost = (parts: Partial<AlertPostParts>, knobs: Record<string, number> = {}): Given => {
  const clock = createVirtualClock()
  const told: string[] = []
  const more = { clock, knob: givenKnob(knobs), topology: 'shop', told: (text: string) => told.push(text) }
  const post = new AlertPost({ channels: [], ...more, ...parts })
  const end = new AbortController()
  onTestFinished(() => end.abort())
  void post.run(end.signal)
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 500) {
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      clock.advance(Math.min(500, left))
    }
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return { post, clock, told, pass }
}

const statesOf = ({ got }: GivenChannel): readonly string[] =>
  got.filter(({ kind }) => kind === 'alerts').map(({ alerts }) => alerts.map(({ state }) => state).join())

describe('C14: an alert sink that fails', () => {
  test('is replaced by the second channel, and health turns red', async () => {
    const [first, second] = [givenChannel('webhook a', false), givenChannel('command b')]
    const { post, pass, told } = givenPost({ channels: [first, second] })
    await pass(1_000)
    post.tell([news('firing')], givenSnapshot())
    await pass(5_000)
    expect(statesOf(second)).toEqual(['firing'])
    expect(post.path()).toMatchObject({ channels: 2, failing: [{ channel: 'webhook a', reason: 'out of credit' }] })
    const { ready } = new HealthWatch(givenKnob()).health(givenSnapshot(), 0, post.path())
    expect(ready).toEqual({ ok: false, reasons: ['alerts do not get through by webhook a: out of credit'] })
    expect(told).toEqual(['no alert gets through by webhook a: out of credit'])
  })
  test('is seen by its own test, before anything is wrong', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    expect(first.got.map(({ kind }) => kind)).toEqual(['test'])
    first.works = false
    await pass(3_500_000)
    expect(post.path().failing).toEqual([])
    await pass(200_000)
    expect(post.path()).toMatchObject({ isCut: true, failing: [{ channel: 'webhook a' }] })
  })
  test('stays red until a test passes', async () => {
    const first = givenChannel('webhook a', false)
    const { post, pass, told } = givenPost({ channels: [first] }, { 'alert.testMs': 60_000 })
    await pass(130_000)
    expect(post.path().isCut).toBe(true)
    first.works = true
    await pass(60_000)
    expect(post.path()).toEqual({ channels: 1, failing: [], isCut: false })
    expect(told.at(-1)).toBe('alerts get through by webhook a again')
  })
  test('that never answers is left after its deadline', async () => {
    const [first, second] = [givenChannel('webhook a', 'never'), givenChannel('command b')]
    const { post, pass } = givenPost({ channels: [first, second] })
    await pass(12_000)
    post.tell([news('firing')], givenSnapshot())
    await pass(13_000)
    expect(post.path().failing[0]?.reason).toBe('it does not answer within 10 s')
    expect(statesOf(second)).toEqual(['firing'])
  })
})

describe('news', () => {
  test('are tried three times on a channel that worked before', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    first.works = false
    post.tell([news('firing')], givenSnapshot())
    await pass(10_000)
    expect(first.tries).toBe(4)
  })
  test('that nobody takes are kept, of each alert the newest, and told when a channel is back', async () => {
    const first = givenChannel('webhook a', false)
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    post.tell([news('firing'), news('firing', { subject: 'archive' })], givenSnapshot())
    await pass(1_000)
    post.tell([news('still firing'), news('resolved', { subject: 'archive' })], givenSnapshot())
    await pass(20_000)
    first.works = true
    await pass(60_000)
    // Of the archive nobody has heard, and it is over.
    expect(statesOf(first)).toEqual(['still firing'])
  })
  test('that an alert is over are told, also when it ends while somebody is still being told of it', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    first.works = false
    post.tell([news('firing')], givenSnapshot())
    await pass(2_000)
    first.works = true
    post.tell([news('resolved')], givenSnapshot())
    await pass(60_000)
    expect(statesOf(first)).toEqual(['firing', 'resolved'])
  })
  test('that an alert is over are told, also when worse of it has just come', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    post.tell([news('firing', { level: 'warning' })], givenSnapshot())
    await pass(2_000)
    post.tell([news('firing')], givenSnapshot())
    post.tell([news('resolved')], givenSnapshot())
    await pass(2_000)
    expect(statesOf(first)).toEqual(['firing', 'resolved'])
  })
  test('of a storm are bounded and go together', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    post.tell(
      Array.from({ length: 2_000 }, (_, index) => news('firing', { subject: `s${index}` })),
      givenSnapshot(),
    )
    await pass(2_000)
    expect(first.got.filter(({ kind }) => kind === 'alerts').map(({ alerts }) => alerts.length)).toEqual([500])
  })
  test('say what to do, and that it is over', async () => {
    const first = givenChannel('webhook a')
    const { post, pass } = givenPost({ channels: [first] })
    await pass(1_000)
    post.tell([news('firing')], givenSnapshot())
    await pass(2_000)
    post.tell([news('resolved')], givenSnapshot())
    await pass(2_000)
    expect(first.got.slice(1).map(({ text }) => text)).toEqual([
      '[shop] critical: stalled: events (topology runbook "up, but nothing moves")',
      '[shop] resolved; it was: stalled: events',
    ])
    expect(first.got[1]).toMatchObject({
      topology: 'shop',
      process: 'host#1',
      at: expect.stringMatching(/^2026-01-01T00:00:0\d/),
    })
  })
})

describe('the heartbeat', () => {
  test('goes out on its schedule', async () => {
    const beat = givenChannel('heartbeat c')
    const { pass } = givenPost({ channels: [givenChannel('webhook a')], heartbeat: { channel: beat, everyMs: 60_000 } })
    await pass(181_000)
    expect(beat.got).toHaveLength(4)
  })
  test('stops when nobody could be woken, so that it is missed', async () => {
    const beat = givenChannel('heartbeat c')
    const { pass } = givenPost({
      channels: [givenChannel('webhook a', false), givenChannel('command b', false)],
      heartbeat: { channel: beat, everyMs: 60_000 },
    })
    await pass(600_000)
    expect(beat.got).toEqual([])
  })
  test('goes on while one of two channels works', async () => {
    const beat = givenChannel('heartbeat c')
    const { pass } = givenPost({
      channels: [givenChannel('webhook a', false), givenChannel('command b')],
      heartbeat: { channel: beat, everyMs: 60_000 },
    })
    await pass(121_000)
    expect(beat.got).toHaveLength(3)
  })
})
