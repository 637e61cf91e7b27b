/** Permits: the host with the most room, in turn, and nobody behind a host that is full (P18). */
import { expect, test } from 'vitest'
import { HostPermits, type Permit } from '../../../../sinks/rows/cassandra/host-permits.ts'

const slow = { address: 'slow' }
const quick = { address: 'quick' }

const given = (max: number): { permits: HostPermits; pass: (ms: number) => void } => {
  let nowMs = 0
  // Nobody is woken: who waits here waits for a permit that comes back.
  const clock = { nowMs: () => nowMs, sleep: () => new Promise<void>(() => undefined) }
  return {
    permits: new HostPermits(clock, () => max),
    pass: (ms) => {
      nowMs += ms
    },
  }
}

test('requests go to the replica with the most room', async () => {
  const { permits } = given(4)
  const taken = [await permits.take([slow, quick]), await permits.take([slow, quick])]
  expect(new Set(taken.map(({ host }) => host))).toEqual(new Set([slow, quick]))
})

test('a request for a free host does not wait behind one for a full host', async () => {
  const { permits } = given(1)
  await permits.take([slow])
  let isServed = false
  void Promise.resolve(permits.take([slow])).then(() => {
    isServed = true
  })
  expect((await permits.take([quick])).host).toBe(quick)
  expect(isServed).toBe(false)
})

test('who waits is served in turn when a permit comes back', async () => {
  const { permits } = given(1)
  const first = await permits.take([slow])
  const order: string[] = []
  const waiting = ['one', 'two'].map(async (name): Promise<Permit> => {
    const permit = await permits.take([slow])
    order.push(name)
    permit.end('answered')
    return permit
  })
  first.end('answered')
  await Promise.all(waiting)
  expect(order).toEqual(['one', 'two'])
})

test('a host that slows down gets fewer, the others keep their pace', async () => {
  const { permits, pass } = given(64)
  const hosts = [slow, quick]
  const counts = new Map<unknown, number>()
  const open: { readonly permit: Permit; readonly endMs: number }[] = []
  for (let nowMs = 0; nowMs < 4_000; nowMs += 1) {
    while (hosts.some((host) => permits.limitOf(host).isFree)) {
      const permit = permits.take(hosts)
      if (permit instanceof Promise) throw new Error('there is room')
      open.push({ permit, endMs: nowMs + (permit.host === slow && nowMs > 1_000 ? 400 : 2) })
      counts.set(permit.host, (counts.get(permit.host) ?? 0) + 1)
    }
    pass(1)
    for (const each of open.splice(0)) {
      if (each.endMs > nowMs + 1) open.push(each)
      else each.permit.end('answered')
    }
  }
  expect(counts.get(quick)!).toBeGreaterThan(4_000 * 10)
  expect(permits.limitOf(slow).limit).toBeLessThan(permits.limitOf(quick).limit)
})
