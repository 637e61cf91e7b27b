/** The process or worker that a person means, among those that run a topology now. */
import { listRunProcesses } from '../../sinks/rows/run-processes.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Reader } from './open-reader.ts'
import { UsageProblems } from './usage-problems.ts'

export interface ChosenProcess {
  readonly name: string
  /** What tells its process from all others. */
  readonly process: string
  /** Processes beside it; of a worker also the other workers of its process. */
  readonly others: number
}

export const chooseProcess = async (
  { rows, topology }: Reader,
  name: string,
  nowMs: number,
): Promise<ChosenProcess> => {
  const running = await listRunProcesses(rows, topology.topology, nowMs)
  const [host = '', worker] = name.split('/')
  const found = running.find((one) => one.name === host)
  const workers = found?.workers ?? []
  const isWorker = worker !== undefined && /^\d+$/.test(worker) && workers.includes(Number(worker))
  const beside = running.length - 1
  if (found !== undefined && worker === undefined) return { name, process: found.process, others: beside }
  if (found !== undefined && isWorker) return { name, process: found.process, others: beside + workers.length - 1 }
  const names = running.flatMap((one) => [one.name, ...one.workers.map((number) => `${one.name}/${number}`)])
  const hint = names.length === 0 ? `No process runs ${topology.topology} now.` : `There are ${names.join(', ')}.`
  throw new UsageProblems([{ text: `no process or worker is named ${name}${didYouMean(name, names)}`, hint }])
}
