import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { partition } from '../../../topology/model/position.ts'
import type { LogRecord } from '../../../topology/model/record.ts'
import { readAll, textOf } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { fileLogFolder } from './file-log-folder.ts'

const script = fileURLToPath(new URL('./append-forever.ts', import.meta.url))

/** Runs a writer until it has reported `reports` times, kills it and gives the count that it reported last. */
const runUntilKilled = async (folder: string, name: string, reports: number): Promise<number> => {
  const child = spawn(process.execPath, ['--conditions=spillway-source', script, folder, name, '60000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let seen = 0
  let durable = 0
  for await (const line of createInterface({ input: child.stdout })) {
    durable = Number(line)
    seen += 1
    if (seen === reports) child.kill('SIGKILL')
  }
  await ended
  expect(seen).toBeGreaterThanOrEqual(reports)
  return durable
}

/** Numbers of a writer's records in one partition, in the order of the log. */
const numbersOf = (records: readonly LogRecord[], name: string): readonly number[] =>
  records.flatMap((each) => {
    const [writer, number] = textOf(each)!.split(':')
    return writer === name ? [Number(number)] : []
  })

test('every record that a killed writer reported is there once and in order, whoever wrote beside it (I-2)', async () => {
  const { folder, open } = fileLogFolder()
  const reported = new Map<string, number>()
  for (const [round, reports] of [3, 17, 40, 90].entries()) {
    const writers = ['a', 'b', 'c'].map(async (letter, index) => {
      const name = `${letter}${round}`
      reported.set(name, await runUntilKilled(folder, name, reports + 5 * index))
    })
    await Promise.all(writers)
  }
  const log = await open({ partitions: 4 })
  const places = await Promise.all([0, 1, 2, 3].map((index) => readAll(log, partition(index))))
  for (const [name, durable] of reported) {
    const perPartition = places.map((records) => numbersOf(records, name))
    for (const numbers of perPartition) expect(numbers).toEqual([...numbers].sort((left, right) => left - right))
    const all = perPartition.flat()
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter((number) => number < durable)).toHaveLength(durable)
  }
})
