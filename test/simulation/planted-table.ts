/**
 * `node --conditions=spillway-source test/simulation/planted-table.ts`: for each planted fault how many histories of its
 * family it takes to find it, up to `--seeds`; also for those that `npm test` finds by other means. `--faults a,b`: these.
 */
import { parseArgs } from 'node:util'
import { plantedOthers, plantedVariants, unplantable } from './planted-list.ts'
import { findPlanted } from './play-planted.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '2000' }, faults: { type: 'string' } },
})
const seedsMax = Number(values.seeds)
const wanted = values.faults?.split(',')

let missing = 0
for (const { name, family, test } of [...plantedVariants, ...plantedOthers]) {
  if (wanted?.includes(name) === false) continue
  const beganMs = performance.now()
  const found = await findPlanted(name, family, seedsMax)
  if (found === undefined) missing += 1
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1).padStart(5)
  const seed = (found === undefined ? `> ${seedsMax}` : String(found.seed)).padStart(6)
  const said = found?.violation.message.slice(0, 100) ?? ''
  process.stdout.write(
    `${name.padEnd(28)}${seed} ${family.padEnd(11)} ${seconds} s  ${said}${test ? `\n  ${test}` : ''}\n`,
  )
}
for (const [name, why] of Object.entries(unplantable))
  if (wanted === undefined) process.stdout.write(`${name.padEnd(28)}     - ${why}\n`)
process.exitCode = missing === 0 ? 0 : 1
