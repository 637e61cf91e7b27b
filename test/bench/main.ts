/**
 * `npm run bench [-- ROUNDS]`: what the engine costs beside a plain loop. `npm run bench -- deletes [EVENTS]`: what deletes,
 * the fill of answers and the inference of schemas cost. `npm run bench -- servers [EVENTS]`: the same on real servers, beside
 * bare clients. `npm run bench -- backlog [EVENTS]`: a backlog drained beside fresh events, tenants and replays.
 */
import { benchBacklog } from './backlog/bench-backlog.ts'
import { benchDeletes } from './bench-deletes.ts'
import { benchServers } from './bench-servers.ts'
import { benchThroughput } from './bench-throughput.ts'

const [what, size] = process.argv.slice(2)
if (what === 'deletes') await benchDeletes(Number(size ?? 5_000_000))
else if (what === 'backlog') await benchBacklog(Number(size ?? 3_000_000))
else if (what === 'servers') await benchServers(Number(size ?? 1_000_000))
else await benchThroughput(Number(what ?? 5))
