/**
 * `npm run bench -- deletes [EVENTS]`: what deletes, the fill of answers and the inference of schemas cost. Every figure
 * that is a bound is printed beside it; ratios are to work of the same run.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDeletesLog } from './deletes-log.ts'
import { mebibytes, print } from './figures.ts'
import { measureFill } from './fill-case.ts'
import { measureInfer } from './measure-infer.ts'

const script = fileURLToPath(new URL('deletes-case.ts', import.meta.url))

const seconds = (ms: number | undefined): string => `${((ms ?? Number.NaN) / 1_000).toFixed(1)} s`
const rounded = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0)

const play = (name: string, events: number, folder: string): Readonly<Record<string, number>> => {
  const node = ['--conditions=spillway-source', script, name, String(events), folder]
  const line = execFileSync(process.execPath, node, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const measured: Readonly<Record<string, number>> = JSON.parse(line)
  return measured
}

const printById = (events: number, folder: string): void => {
  print(
    `(a) 10,000 deletes by id as 10,000 requests over ${events.toLocaleString('en')} events, 2,000 events/s coming in`,
  )
  const applied = play('apply', events, folder)
  print(`    applied before in ${seconds(applied['elapsedMs'])}, peak RSS ${mebibytes(applied['peakBytes'])}`)
  const one = play('by-id', events, folder)
  print(`    requests written in ${seconds(one['requestedMs'])}`)
  print(
    `    schema and rollup right after ${seconds(one['rowsMs'])} (at most 60), with objects and event rows ${seconds(one['wholeMs'])}`,
  )
  print(
    `    freshness of new events: p50 ${rounded(one['medianMs'])} ms, p99 ${rounded(one['freshMs'])} ms (at most 2,000)`,
  )
  print(
    `    RSS ${mebibytes(one['rssBefore'])} before, ${mebibytes(one['rssAfter'])} after, peak ${mebibytes(one['peakBytes'])}; largest ledger document ${rounded(one['bytes'])} bytes`,
  )
  print('(d) a storm of 10,000 deletes an hour beside 2,000 events/s, for a minute')
  const storm = play('storm', events, folder)
  print(`    freshness of new events: p50 ${rounded(storm['medianMs'])} ms, p99 ${rounded(storm['freshMs'])} ms`)
  print(
    `    largest ledger document ${rounded(storm['bytesEarly'])} bytes in the first half, ${rounded(storm['bytesLate'])} in the second`,
  )
  print(`    RSS ${mebibytes(storm['rssBefore'])} in the first half, ${mebibytes(storm['rssAfter'])} in the second`)
}

const rounds = 3

/** The fastest of some rounds counts: noise of a shared machine only ever adds. */
const printHalf = async (base: string): Promise<void> => {
  const events = 1_000_000
  print('(b) one delete by property that matches half of a collection of 1 M')
  let [appliedMs, halfMs, peakBytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0]
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(join(base, 'million-'))
    await writeDeletesLog(join(folder, 'log'), events)
    appliedMs = Math.min(appliedMs, play('apply', events, folder)['elapsedMs']!)
    const half = play('half', events, folder)
    halfMs = Math.min(halfMs, half['elapsedMs']!)
    peakBytes = Math.max(peakBytes, half['peakBytes']!)
    rmSync(folder, { recursive: true, force: true })
  }
  const [addedUs, takenUs] = [(appliedMs * 1_000) / events, (halfMs * 2_000) / events]
  const ratio = (takenUs / addedUs).toFixed(2)
  const each = `applying ${addedUs.toFixed(1)} us an event, deleting ${takenUs.toFixed(1)} us a deleted event`
  print(`    ${each}: ratio ${ratio} (at most 1.5), peak RSS ${mebibytes(peakBytes)}`)
}

const printFill = (): void => {
  const { cells, bytes, ms, msOfHalf } = measureFill()
  print(`(c) fill of 2,500 intervals x 5,000 groups: ${cells.toLocaleString('en')} cells, ${mebibytes(bytes)} of JSON`)
  print(
    `    ${seconds(ms)} (at most 2); half of the intervals ${seconds(msOfHalf)}: ratio ${(ms / msOfHalf).toFixed(2)} (at most 2)`,
  )
}

const printInfer = (): void => {
  const { ratio } = measureInfer()
  print(`(e) parse and infer together cost ${ratio.toFixed(2)} x the parse alone (at most 2)`)
}

export const benchDeletes = async (events: number): Promise<void> => {
  const base = mkdtempSync(join(tmpdir(), 'spillway-bench-'))
  try {
    // First, while the disk is not busy with what the others have written.
    await printHalf(base)
    const folder = join(base, 'all')
    mkdirSync(folder)
    await writeDeletesLog(join(folder, 'log'), events)
    printById(events, folder)
    printFill()
    printInfer()
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}
