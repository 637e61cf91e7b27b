/**
 * The program of a worker process: loads the topology, opens the resources without lock and without group, and runs the
 * lanes that its supervisor gives it. It ends when the supervisor does, whatever it is doing.
 */
import { setFlagsFromString } from 'node:v8'

process.setSourceMapsEnabled(true)
// Most bytes of a worker lie outside the heap, and V8 looks there when they have doubled: half of what a worker held was
// garbage. Where an engine does not know a flag it says so in a line and goes on.
for (const flag of ['--external-memory-accounted-in-global-limit', '--heap-growing-percent=40'])
  setFlagsFromString(flag)
const { runLaneWorker } = await import('./run-lane-worker.ts')
await runLaneWorker()
