/** Plays the scenes of scale and prints what they measure: `main.ts [--full] [WORDS OF A SCENE]`. */
import { problemsOf, tableOf } from './figures.ts'
import { fullScenes, smallScenes } from './scenes.ts'

const words = process.argv.slice(2).filter((one) => !one.startsWith('--'))
const scenes = process.argv.includes('--full') ? fullScenes : smallScenes

for (const [name, play] of Object.entries(scenes)) {
  if (!words.every((word) => name.includes(word))) continue
  const before = process.cpuUsage()
  const result = await play()
  const { user, system } = process.cpuUsage(before)
  console.info(tableOf([result]))
  console.info(`  ${((user + system) / 1_000_000).toFixed(1)} s of processor`)
  for (const problem of problemsOf(result)) {
    console.error(`  ${problem}`)
    process.exitCode = 1
  }
}
