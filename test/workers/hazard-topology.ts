/** A topology whose records say what is to be done to the process that runs them. */
import { appendFileSync } from 'node:fs'
import { mergeMap, NEVER, of } from 'rxjs'
import { defineTopology, log } from 'spillway'
import { count, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'

const fillHeap = (): never => {
  const kept: unknown[] = []
  // Large pieces: small ones would be collected over and over first.
  for (;;) kept.push(new Array(1_000_000).fill(kept.length))
}

const spin = (): never => {
  for (;;) Math.sqrt(2)
}

/** True: it never answers. */
const act = (what: unknown): boolean => {
  if (what === 'spin') return spin()
  if (what === 'heap') return fillHeap()
  if (what === 'exit') process.exit(7)
  if (what === 'pid') appendFileSync(process.env['HAZARD_PIDS'] ?? '', `${process.pid}\n`)
  return what === 'hang'
}

export default defineTopology('hazard', (t) => {
  const events = t.spout('events', log())
  events.sink('store', eventRows())
  events
    .bolt(
      'hazard',
      mergeMap((event) => (act(event.body['do']) ? NEVER : of(event))),
    )
    .bolt('by_kind', rollup({ window: '1 hour', by: ['kind'], values: { things: count() } }))
    .sink('totals', tableRows())
})
