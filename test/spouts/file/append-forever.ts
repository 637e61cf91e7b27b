/**
 * A process for the kill test: appends numbered records without end, a few calls at once, and prints after each call
 * the count of records that are durable. Arguments: folder, name, bytes of a segment.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { openFileLog } from '../../../topology/spouts/file/file-log.ts'

const [folder, name, segmentBytes] = process.argv.slice(2)
const clock = { nowMs: () => Date.now(), sleep: (ms: number) => pause(ms) }
const log = await openFileLog({ folder: folder!, clock, segmentBytes: Number(segmentBytes) })

let next = 0
const appendSome = (): Promise<unknown> => {
  const count = 1 + (next % 37)
  const records = Array.from({ length: count }, (_, index) => ({
    key: `${(next + index) % 5}`,
    headers: [['project', name!]] as const,
    value: Buffer.from(`${name}:${next + index}:${'x'.repeat((next * 7) % 300)}`),
  }))
  next += count
  return log.append(records)
}

const calls: { readonly upTo: number; readonly done: Promise<unknown> }[] = []
for (;;) {
  const done = appendSome()
  calls.push({ upTo: next, done })
  if (calls.length < 3) continue
  const oldest = calls.shift()!
  await oldest.done
  process.stdout.write(`${oldest.upTo}\n`)
}
