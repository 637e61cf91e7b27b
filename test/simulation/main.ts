/**
 * `npm run simulate -- --seeds 10000 --seed-start 1 --processes 2`: plays drawn scenarios, the kept seeds first, with as
 * many processes as are asked for. Prints every seed that fails as a story; exit 1 when there is one.
 * `npm run simulate -- --seed 17` plays one and prints its whole trace.
 * `npm run simulate -- --hash --seeds 100` prints one hash of all their traces: the same with every version of Node.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { inspect, parseArgs } from 'node:util'
import { keptSeeds } from './kept-seeds.ts'
import { playRange, type RangeOutcome, traceOf } from './play-range.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    'seed-start': { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    failures: { type: 'string', default: '5' },
    seed: { type: 'string' },
    hash: { type: 'boolean', default: false },
    child: { type: 'boolean', default: false },
  },
})

const whole = (name: string, text: string, min: number): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= min) return value
  throw new RangeError(`--${name} ${text}: a whole number from ${min} on`)
}

// Small enough that nobody waits for another at the end, large enough that asking for more costs nothing.
const chunkSeeds = 50
const toldEveryMs = 2_000

/** Seeds still to be played, a few at a time. */
const chunks = function* (): Generator<readonly number[]> {
  if (keptSeeds.length > 0) yield keptSeeds
  const [start, count] = [whole('seed-start', values['seed-start'], 0), whole('seeds', values.seeds, 1)]
  for (let at = 0; at < count; at += chunkSeeds)
    yield Array.from({ length: Math.min(chunkSeeds, count - at) }, (_, index) => start + at + index)
}

const playChunks = async (): Promise<void> => {
  const startMs = Date.now()
  const failuresMax = whole('failures', values.failures, 1)
  const rest = chunks()
  const faults: Record<string, number> = {}
  const within: Record<string, number> = {}
  let [histories, steps, failures, supervised, toldMs] = [0, 0, 0, 0, startMs]
  const rate = (): number => Math.round((histories * 1_000) / Math.max(1, Date.now() - startMs))
  const take = (outcome: RangeOutcome): void => {
    histories += outcome.histories
    steps += outcome.steps
    failures += outcome.failures.length
    supervised += outcome.supervised
    for (const [kind, times] of Object.entries(outcome.faults)) faults[kind] = (faults[kind] ?? 0) + times
    for (const [kind, times] of Object.entries(outcome.within)) within[kind] = (within[kind] ?? 0) + times
    for (const { story } of outcome.failures) process.stdout.write(`${story}\n`)
    if (Date.now() - toldMs < toldEveryMs) return
    toldMs = Date.now()
    process.stderr.write(`${histories} histories, ${rate()} a second, ${failures} failed\n`)
  }
  const serve = async (child: ChildProcess): Promise<void> => {
    for (let next = rest.next(); next.done !== true && failures < failuresMax; next = rest.next())
      take(await ask(child, next.value))
    child.disconnect()
  }
  const children = Array.from({ length: whole('processes', values.processes, 1) }, () =>
    fork(import.meta.filename, ['--child'], { execArgv: process.execArgv }),
  )
  await Promise.all(children.map(serve))
  const seconds = ((Date.now() - startMs) / 1_000).toFixed(1)
  process.stdout.write(`${histories} histories, ${steps} steps, ${seconds} s, ${rate()} a second, ${failures} failed\n`)
  const share = Math.round((100 * supervised) / Math.max(1, histories))
  process.stdout.write(`lanes were cut, diverted or joined by their supervisors in ${supervised} of them, ${share} %\n`)
  for (const [kind, times] of Object.entries(faults).sort())
    process.stdout.write(`  ${kind} ${times} in ${within[kind]}\n`)
  process.exitCode = failures === 0 ? 0 : 1
}

const ask = (child: ChildProcess, seeds: readonly number[]): Promise<RangeOutcome> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void =>
      reject(new Error(`a process ended with ${code} at seeds ${seeds[0]} to ${seeds.at(-1)}`))
    child.once('exit', ended)
    child.once('message', (outcome) => {
      child.off('exit', ended)
      resolve(outcome as RangeOutcome) // what the child below sends
    })
    child.send(seeds)
  })

const answer = (): void => {
  process.on('message', (message) => {
    const seeds = message as readonly number[] // what the parent above sends
    playRange(seeds).then(
      (outcome) => process.send!(outcome),
      (error: unknown) => {
        process.stderr.write(`${inspect(error)}\n`)
        process.exit(1)
      },
    )
  })
}

const hashTraces = async (): Promise<void> => {
  const hash = createHash('sha256')
  let bytes = 0
  for (const seeds of chunks())
    for (const seed of seeds) {
      const text = await traceOf(seed)
      hash.update(text)
      bytes += text.length
    }
  process.stdout.write(`${hash.digest('hex')} ${bytes} characters, ${process.version}\n`)
}

if (values.child) answer()
else if (values.hash) await hashTraces()
else if (values.seed === undefined) await playChunks()
else process.stdout.write(await traceOf(whole('seed', values.seed, 0)))
