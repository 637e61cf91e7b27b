/**
 * `npm run schedules -- [COUNT] [FIRST SEED]`: plays random schedules and compares every view with the recomputation of
 * the whole log. Prints how many, and every seed that differs; exit 1 where one does.
 */
import { playSchedules } from './play-schedules.ts'

const [count = 20_000, first = 1] = process.argv.slice(2).map(Number)
if (!(Number.isSafeInteger(count) && Number.isSafeInteger(first) && count > 0)) {
  throw new RangeError('npm run schedules -- [COUNT] [FIRST SEED]: both are whole numbers')
}
const told = 1_000

const failing = await playSchedules(first, count, (played) => {
  if (played % told === 0) process.stderr.write(`${played} of ${count} schedules\n`)
})
for (const [seed, { view, found, wanted }] of failing) {
  process.stdout.write(`seed ${seed}: ${view}\n  found  ${JSON.stringify(found)}\n  wanted ${JSON.stringify(wanted)}\n`)
}
process.stdout.write(
  failing.length === 0
    ? `${count} random schedules from seed ${first}: no difference to the recomputation of the log\n`
    : `${failing.length} schedules differ\n`,
)
process.exitCode = failing.length === 0 ? 0 : 1
