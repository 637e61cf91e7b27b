/** How far a run has come, on stderr: one line that is redrawn on a terminal, a line every few seconds elsewhere. */
import type { RunHandle } from 'spillway'

const isLive =
  process.stderr.isTTY === true &&
  process.env['TERM'] !== 'dumb' &&
  process.env['CI'] === undefined &&
  process.env['NO_COLOR'] === undefined
const everyMs = isLive ? 200 : 2_000

/** Records read by the sink that has read most, whether they are durable yet or not. */
const recordsRead = (handle: RunHandle): number =>
  Math.max(0, ...Object.values(handle.status().sinks).map(({ counters, heldEvents }) => counters.received + heldEvents))

/** Records that the sink furthest behind has not read. */
const recordsLeft = (handle: RunHandle): number =>
  Math.max(0, ...Object.values(handle.status().sinks).map(({ lagEvents }) => lagEvents))

/** Shows progress whenever the run tells of something, until it has ended. */
export const showProgress = async (handle: RunHandle): Promise<void> => {
  const before = recordsRead(handle)
  let nextMs = Date.now() + everyMs
  for await (const _ of handle) {
    if (Date.now() < nextMs) continue
    nextMs = Date.now() + everyMs
    const [read, left] = [recordsRead(handle) - before, recordsLeft(handle)]
    const rest = left === 0 ? 'the last are being made durable' : `${left.toLocaleString('en-US')} to read`
    const text = `  ${read.toLocaleString('en-US')} records so far, ${rest}`
    process.stderr.write(isLive ? `\r\x1b[K${text}` : `${text}\n`)
  }
  if (isLive) process.stderr.write('\r\x1b[K')
}
