/**
 * `npm run bench [-- ROUNDS]`: what the engine costs beside a plain loop. `npm run bench -- deletes [EVENTS]`: what deletes,
 * the fill of answers and the inference of schemas cost.
 */
import { benchDeletes } from './bench-deletes.ts'
import { benchThroughput } from './bench-throughput.ts'

const [what, size] = process.argv.slice(2)
if (what === 'deletes') await benchDeletes(Number(size ?? 5_000_000))
else await benchThroughput(Number(what ?? 5))
