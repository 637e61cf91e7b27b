/** A temporary folder with the embedded log in it, opened as often as a test wants and removed at its end. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { EventLog } from '../../../topology/model/ports/event-log.ts'
import { partition } from '../../../topology/model/position.ts'
import { type FileLogOptions, openFileLog } from '../../../topology/spouts/file/file-log.ts'
import { readBatches, textOf } from '../../../topology/testing/conformance/event-log-under-test.ts'
import { createHandClock, type HandClock } from '../hand-clock.ts'
import { createTrickDisk, type TrickDisk } from './trick-disk.ts'

export interface FileLogFolder {
  readonly folder: string
  readonly disk: TrickDisk
  readonly clock: HandClock
  open(options?: Partial<FileLogOptions>): Promise<EventLog>
  closeAll(): Promise<void>
  /** Paths of the segments of partition 0, oldest first. */
  segments(): readonly string[]
}

export const fileLogFolder = (): FileLogFolder => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-log-'))
  const disk = createTrickDisk()
  const clock = createHandClock(disk.settle)
  const opened: EventLog[] = []
  const closeAll = async (): Promise<void> => {
    for (const log of opened.splice(0)) await log.close()
  }
  onTestFinished(async () => {
    await closeAll()
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    disk,
    clock,
    open: async (options = {}) => {
      const log = await openFileLog({ folder, clock, disk, partitions: 1, ...options })
      opened.push(log)
      return log
    },
    closeAll,
    segments: () =>
      readdirSync(join(folder, '0'))
        .filter((name) => name.endsWith('.segment'))
        .sort()
        .map((name) => join(folder, '0', name)),
  }
}

/** The values of a partition, in order. */
export const valuesOf = async (log: EventLog, place = 0): Promise<readonly (string | null)[]> =>
  (await readBatches(log, partition(place), (await log.bounds(partition(place))).start)).flatMap(({ records }) =>
    records.map(textOf),
  )
