/** Runs of a small topology whose log is a topic of a real broker and whose rows are in memory. */
import { defineTopology, log } from 'spillway'
import { count, maximum, rollup } from 'spillway/operators'
import { eventRows, tableRows } from 'spillway/sinks'
import { createMemoryLedger, createMemoryObjects, createMemoryRows, TestResult } from 'spillway/testing'
import { systemClock, systemRandom } from '../../../topology/engine/shell/system-clock.ts'
import type { Counters } from '../../../topology/model/ledger-document.ts'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import type { Resources, RunHandle, RunOutcome } from '../../../topology/model/run-handle.ts'
import type { Topology } from '../../../topology/model/topology.ts'
import type { SkipPorts, SkipQuestion } from '../../../topology/skip-lost.ts'
import { openKafkaLog } from '../../../topology/spouts/kafka/kafka-log.ts'
import { startRun } from '../../../topology/start-run.ts'
import type { KafkaServer } from '../../servers/server-of.ts'

/** Named for the topic, so that each has a group of its own. */
const numbersOf = (topic: string): Topology =>
  defineTopology(`numbers-${topic}`, (t) => {
    const events = t.spout('numbers', log())
    events.sink('events', eventRows())
    const values = { lines: count(), most: maximum('n') }
    events.bolt('counted', rollup({ window: '1 day', by: ['kind'], values })).sink('counts', tableRows())
  })

export interface TopicRuns {
  readonly log: EventLog
  readonly resources: Resources
  readonly result: TestResult
  /** Runs to the end of the topic; with the counters of each sink since the beginning. */
  run(): Promise<RunOutcome & { readonly sinks: Readonly<Record<string, Counters>> }>
  /** Starts a run with a log of its own, as another process would, over the same stores. */
  start(): Promise<RunHandle>
  readonly group: string
  readonly ports: SkipPorts
  readonly question: SkipQuestion
  /** How many events a kind has, and the greatest `n`, over all windows. */
  counts(): Promise<Readonly<Record<string, readonly [lines: number, most: number]>>>
  close(): Promise<void>
}

export const openTopicRuns = async ({ brokers }: KafkaServer, topic: string): Promise<TopicRuns> => {
  const open = (): Promise<EventLog> => openKafkaLog({ brokers, topic, clock: systemClock, random: systemRandom })
  const opened = await open()
  const resources: Resources = {
    logs: { default: opened },
    rows: createMemoryRows(),
    ledger: createMemoryLedger(),
    objects: createMemoryObjects(),
  }
  const numbers = numbersOf(topic)
  const result = new TestResult(numbers, resources, 0)
  return {
    log: opened,
    resources,
    result,
    run: async () => {
      const run = await startRun(numbers, resources, { untilCaughtUp: true })
      const outcome = await run.ended
      const sinks = Object.entries(run.status().sinks).map(([name, { counters }]) => [name, counters])
      return { ...outcome, sinks: Object.fromEntries(sinks) }
    },
    start: async () => {
      const own = await open()
      const run = await startRun(numbers, { ...resources, logs: { default: own } })
      void run.ended.then(() => own.close())
      return run
    },
    group: `spillway.${numbers.name}`,
    ports: { ...resources, logOf: () => opened, clock: systemClock, random: systemRandom },
    question: { topology: numbers.name, spouts: ['numbers'] },
    counts: async () => {
      const found: Record<string, readonly [number, number]> = {}
      for (const { kind, lines, most } of await result.rows('counts')) {
        const [before, greatest] = found[String(kind)] ?? [0, 0]
        found[String(kind)] = [before + Number(lines), Math.max(greatest, Number(most))]
      }
      return found
    },
    close: () => opened.close(),
  }
}
