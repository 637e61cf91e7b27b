/** Plays the backlog of April 2019 once and tells it: `main.ts [SEED]`. */

import { problemsOf } from './criteria.ts'
import { nightText } from './night-text.ts'
import { playNight } from './play-night.ts'

const seed = Number(process.argv[2] ?? 1)
const played = await playNight(seed)
console.info(nightText(played))
process.exitCode = problemsOf(played).some((problems) => problems.length > 0) ? 1 : 0
