/**
 * The program of a worker process: loads the topology, opens the resources without lock and without group, and runs the
 * lanes that its supervisor gives it. It ends when the supervisor does, whatever it is doing.
 */
process.setSourceMapsEnabled(true)
const { runLaneWorker } = await import('./run-lane-worker.ts')
await runLaneWorker()

export {}
